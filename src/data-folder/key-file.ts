import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeOnce } from './write-once.ts'

const keyBytes = 32

/** The 32 random bytes that `file` holds in base64url; it is made, with mode 0600, when it is not there. Throws for any other content. */
export async function openKeyFile(file: string): Promise<Buffer> {
  await writeOnce(file, randomBytes(keyBytes).toString('base64url'))
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url')
  if (key.length !== keyBytes) throw new Error(`${file} does not hold a key of ${keyBytes} bytes in base64url`)
  return key
}
