import type { IncomingMessage } from 'node:http'

/** Node drops headers beyond this number. If a length were among them, the body would be taken for another request. */
const maxHeaders = 2000
/** Headers of the other protocol, which belong to this connection alone. */
const particular = /^(upgrade|http2-settings)$/i

/** True when a request asks for a WebSocket. This server knows no other protocol. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').split(',').some(name => name.trim().toLowerCase() === 'websocket')

/** The head of a request without its request for another protocol (RFC 9110, 7.8); undefined when not all headers are known. */
export function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer | undefined {
  if (rawHeaders.length >= 2 * maxHeaders) return undefined
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    if (particular.test(name)) continue
    if (name.toLowerCase() === 'connection') lines.push(`${name}: ${withoutParticular(value)}`)
    else lines.push(`${name}: ${value}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

const withoutParticular = (value: string): string =>
  value
    .split(',')
    .map(option => option.trim())
    .filter(option => option !== '' && !particular.test(option))
    .join(', ')
