import * as z from 'zod/mini'
import { createClient, errnoOf, sessionUrl } from './wechat-client.ts'

/** WeChat's `errcode`, or why there is none, with the time by its server. */
export type WechatProbe = ({ readonly errcode: number } | { readonly unreachable: string }) & {
  readonly dateMs?: number
}

const bodySchema = z.object({ errcode: z.optional(z.number()) })

/** Asks WeChat's server about an invalid code, as a sign-in would. Never rejects. */
export async function probeWechat(
  { base, appid, secret }: { readonly base: string; readonly appid: string; readonly secret: string },
  timeoutMs = 5000,
): Promise<WechatProbe> {
  const url = sessionUrl(base)
  const params = { appid, secret, js_code: 'latchkey-doctor', grant_type: 'authorization_code' }
  try {
    const { status, data, headers } = await createClient(url).get<unknown>(url.href, {
      params,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { connection: 'close' },
    })
    const dateMs = Date.parse(String(headers.date))
    const date = Number.isNaN(dateMs) ? {} : { dateMs }
    const body = status < 500 ? bodySchema.safeParse(parseJson(String(data))) : undefined
    return body?.success
      ? { errcode: body.data.errcode ?? 0, ...date }
      : { unreachable: `HTTP ${status} without a readable body`, ...date }
  } catch (error) {
    return { unreachable: errnoOf(error) }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
