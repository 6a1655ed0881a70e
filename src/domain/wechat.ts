import { type Refusal, refuse } from './refusal.ts'

/** Why there is no openid. 1003: refused (or our configuration is wrong, which is logged); 1006: try again with a new code. */
export type WechatRefusal = Refusal<1003 | 1006>

/** True when somebody may be guessing. Anything else is not the client's fault. */
export const guessedCode: WechatRefusal = refuse(1003, { isGuess: true })

/** Turns a `wx.login` code into a WeChat user. */
export interface WechatPort {
  /** The openid. Never throws. */
  openidOf(code: string): Promise<string | WechatRefusal>
}
