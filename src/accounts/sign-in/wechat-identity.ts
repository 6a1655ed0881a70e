import { createHmac } from 'node:crypto'
import { openKeyFile } from '../../data-folder/key-file.ts'

/** The keyed hash that stands for a WeChat user everywhere: 64 hex digits that do not reveal the openid without the key. */
export type WechatIdentity = (openid: string) => string

/** Reads the key from `file`, and makes one at first start. Losing the file unbinds every WeChat user, so it belongs in every backup. */
export async function openWechatIdentity({ file }: { readonly file: string }): Promise<WechatIdentity> {
  const key = await openKeyFile(file)
  return openid => createHmac('sha256', key).update(openid).digest('hex')
}
