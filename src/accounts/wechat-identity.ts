import { createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeOnce } from './write-once.ts'

/** The keyed hash that stands for a WeChat user everywhere: 64 hex digits, from which the openid cannot be found without the key. */
export type WechatIdentity = (openid: string) => string

const keyBytes = 32

/** Reads the key from `file`, making one at first start. Losing the file unbinds every WeChat user: it belongs in every backup. */
export async function openWechatIdentity({ file }: { readonly file: string }): Promise<WechatIdentity> {
  await writeOnce(file, randomBytes(keyBytes).toString('base64url'))
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url')
  if (key.length !== keyBytes) throw new Error(`${file} does not hold a key of ${keyBytes} bytes in base64url`)
  return openid => createHmac('sha256', key).update(openid).digest('hex')
}
