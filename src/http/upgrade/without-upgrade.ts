import type { IncomingMessage } from 'node:http'

/** Node leaves out what is beyond so many headers; a length among them would make another request of the body. */
const maxHeaders = 2000
/** What belongs to another protocol, and to this connection alone. */
const particular = /^(upgrade|http2-settings)$/i

/** Whether a request asks for a WebSocket; any other protocol is one that this server does not know. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').split(',').some(name => name.trim().toLowerCase() === 'websocket')

/** The head of a request as if it did not ask for another protocol (RFC 9110, 7.8); undefined when not all of it is known. */
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
