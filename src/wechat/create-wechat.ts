import { refuse } from '../domain/refusal.ts'
import type { Clock } from '../domain/request.ts'
import { guessedCode, type WechatPort } from '../domain/wechat.ts'
import { sessionVerdict, unreachable, type Verdict } from './session-verdict.ts'
import { createSpentCodes } from './spent-codes.ts'
import { createClient, errnoOf, sessionUrl } from './wechat-client.ts'

export interface WechatOptions {
  /** The base address of `/sns/jscode2session`. */
  readonly base: string
  readonly appid: string
  readonly secret: string
  readonly now: Clock
  /** Told when WeChat cannot be reached or refuses our settings. The cause contains no code, secret, openid or address. */
  readonly onFault: (error: Error) => void
  /** Told about every call; `failed` when {@link onFault} is called too. */
  readonly onAsked?: (durationMs: number, failed: boolean) => void
  /** Time for a whole call, including connecting and reading; 9 s by default, of the 10 s that a request has (`limits.requestTimeoutMs`). */
  readonly timeoutMs?: number
}

/** {@link WechatPort} on WeChat's own service. A code is sent only once, whatever the outcome. Throws when `base` is not a URL. */
export function createWechat({
  base,
  appid,
  secret,
  now,
  onFault,
  onAsked,
  timeoutMs = 9000,
}: WechatOptions): WechatPort {
  const url = sessionUrl(base)
  const client = createClient(url)
  const spentCodes = createSpentCodes({ now })

  const ask = async (code: string): Promise<Verdict> => {
    const params = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      const { status, data } = await client.get<unknown>(url.href, { params, signal: deadline })
      return sessionVerdict(status, String(data))
    } catch (error) {
      return unreachable(deadline.aborted ? 'no answer in time' : errnoOf(error))
    }
  }

  return {
    async openidOf(code) {
      // Sending a lost code again is not a guess.
      if (!spentCodes.spend(code)) return spentCodes.isLost(code) ? refuse(1006) : guessedCode
      const askedAtMs = performance.now()
      const { outcome, fault } = await ask(code)
      onAsked?.(performance.now() - askedAtMs, fault !== undefined)
      if (fault) {
        spentCodes.lose(code)
        onFault(new Error(fault))
      }
      return outcome
    },
  }
}
