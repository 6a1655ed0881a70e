import type { Refusal } from './refusal.ts'

/** Turns a `wx.login` code into a WeChat user. */
export interface WechatPort {
  /** The openid. 1003: refused (or our configuration is wrong, which is logged); 1006: try again with a new code. Never throws. */
  openidOf(code: string): Promise<string | Refusal<1003 | 1006>>
}
