import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance, isAxiosError } from 'axios'

/** The HTTP client for WeChat's service. Throws when `base` is not a URL. */
export const sessionUrl = (base: string): URL => new URL(`${base.replace(/\/+$/, '')}/sns/jscode2session`)

/**
 * Closes an idle connection before a server would, because a code that is lost on a dead connection cannot be sent again. Uses the proxy of the
 * environment (https as a tunnel), except for loopback, which a proxy cannot reach.
 */
export function createClient(url: URL): AxiosInstance {
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

/** The code of an error only: messages and other fields of axios' errors contain the address, and so the secret. */
export const errnoOf = (error: unknown): string => (isAxiosError(error) && error.code) || 'unknown reason'
