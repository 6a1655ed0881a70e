import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { isAxiosError } from 'axios'
import { refuse } from '../domain/refusal.ts'
import type { Clock } from '../domain/request.ts'
import type { WechatPort } from '../domain/wechat.ts'
import { sessionVerdict, unreachable, type Verdict } from './session-verdict.ts'
import { createSpentCodes } from './spent-codes.ts'

export interface WechatOptions {
  /** The address that `/sns/jscode2session` is below. */
  readonly base: string
  readonly appid: string
  readonly secret: string
  readonly now: Clock
  /** Told what the operator must know: WeChat cannot be reached, or refuses our settings. Holds no code, secret, openid or address. */
  readonly onFault: (error: Error) => void
  /** For a whole call, connecting and reading included; 5 s when not given. */
  readonly timeoutMs?: number
}

/** {@link WechatPort} on WeChat's own service. A code is sent once, whatever came of it. Throws when `base` is not a URL. */
export function createWechat({ base, appid, secret, now, onFault, timeoutMs = 5000 }: WechatOptions): WechatPort {
  const url = new URL(`${base.replace(/\/+$/, '')}/sns/jscode2session`)
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
      if (!spentCodes.spend(code)) return refuse(1003)
      const { outcome, fault } = await ask(code)
      if (fault) onFault(new Error(fault))
      return outcome
    },
  }
}

/**
 * An idle connection is given up before a server would close it, because a code that was lost on a dead one cannot be sent again. The proxy of the
 * environment is respected (https goes through it as a tunnel), but a proxy cannot reach our own loopback.
 */
function createClient(url: URL) {
  const agentOptions = { keepAlive: true, timeout: 10_000 }
  return axios.create({
    httpAgent: new HttpAgent(agentOptions),
    httpsAgent: new HttpsAgent(agentOptions),
    responseType: 'text',
    validateStatus: () => true,
    maxRedirects: 0,
    maxContentLength: 16 * 1024,
    ...(isLoopback(url) && { proxy: false }),
  })
}

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

/** The error's code alone: messages and other fields of axios' errors hold the address, and that holds the secret. */
const errnoOf = (error: unknown): string => (isAxiosError(error) && error.code) || 'unknown reason'
