import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeOnce } from './write-once.ts'

const keyBytes = 32

/** Reads the 32 random bytes in `file`, in base64url, and makes the file with mode 0600 when it is missing. Throws for any other content. */
export async function openKeyFile(file: string): Promise<Buffer> {
  await writeOnce(file, randomBytes(keyBytes).toString('base64url'))
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url')
  if (key.length !== keyBytes) throw new Error(`${file} does not contain a key of ${keyBytes} bytes in base64url`)
  return key
}
