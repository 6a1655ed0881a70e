import * as z from 'zod/mini'
import { refuse } from '../domain/refusal.ts'
import { guessedCode, type WechatRefusal } from '../domain/wechat.ts'

/** The outcome of asking WeChat: the openid or a refusal, and what the operator must know, if anything. */
export interface Verdict {
  readonly outcome: string | WechatRefusal
  readonly fault?: string
}

const bodySchema = z.object({ errcode: z.optional(z.number()), openid: z.optional(z.string().check(z.maxLength(128))) })

/**
 * Reads an answer of `jscode2session`. HTTP 200 does not mean success, `errcode` may be absent on success, and the content type is text/plain. The
 * `session_key` is dropped. Never throws.
 */
export function sessionVerdict(status: number, body: string): Verdict {
  const parsed = status >= 500 ? undefined : bodySchema.safeParse(parseJson(body))
  if (!parsed?.success) return unreachable(`HTTP ${status} without a readable body`)
  const { errcode = 0, openid } = parsed.data
  if (errcode !== 0) return errcodeVerdict(errcode)
  if (!openid) return { outcome: refuse(1003), fault: 'WeChat answered with neither an error nor an openid' }
  return { outcome: openid }
}

/** WeChat gave no usable answer: try again with a new code. */
export const unreachable = (reason: string): Verdict => ({
  outcome: refuse(1006),
  fault: `WeChat cannot be reached: ${reason}`,
})

/** The global return codes of WeChat that `jscode2session` can answer. */
function errcodeVerdict(errcode: number): Verdict {
  switch (errcode) {
    case 40029: // invalid code
    case 40163: // code been used
      return { outcome: guessedCode }
    case 40226: // high-risk user, blocked
      return { outcome: refuse(1003, { detail: 'high-risk user' }) }
    case -1: // system busy
    case 45009: // daily quota of calls used up
    case 45011: // too many calls a minute
      return { outcome: refuse(1006, { detail: 'busy' }), fault: `WeChat is busy (errcode ${errcode})` }
    case 40013: // invalid appid
    case 41002: // appid missing
      return misconfigured('WECHAT_APPID', errcode)
    case 40125: // invalid appsecret
    case 41004: // appsecret missing
      return misconfigured('WECHAT_SECRET', errcode)
    default:
      return { outcome: refuse(1003), fault: `WeChat answered with errcode ${errcode}` }
  }
}

const misconfigured = (setting: string, errcode: number): Verdict => ({
  outcome: refuse(1003),
  fault: `WeChat does not accept the setting ${setting} (errcode ${errcode})`,
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
