import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** What Node's parser says is wrong, as a status; anything else is 400. */
const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

/** Tells who sent what is no request, or none in time, and hangs up; without a word where an answer has begun. */
export function answerClientError(socket: Duplex, code: string, hasBegun: boolean): void {
  if (hasBegun || !socket.writable) {
    socket.destroy()
    return
  }
  const status = statuses[code] ?? 400
  socket.once('finish', () => socket.destroy()) // a peer that keeps its side open keeps nothing of ours
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
