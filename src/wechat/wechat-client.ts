import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance, isAxiosError } from 'axios'

/** Where the openid of a code is asked for. Throws when `base` is not a URL. */
export const sessionUrl = (base: string): URL => new URL(`${base.replace(/\/+$/, '')}/sns/jscode2session`)

/**
 * An idle connection is given up before a server would close it, because a code that was lost on a dead one cannot be sent again. The proxy of the
 * environment is respected (https goes through it as a tunnel), but a proxy cannot reach our own loopback.
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

/** The error's code alone: messages and other fields of axios' errors hold the address, and that holds the secret. */
export const errnoOf = (error: unknown): string => (isAxiosError(error) && error.code) || 'unknown reason'
