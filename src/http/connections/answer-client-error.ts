import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** The statuses for errors of Node's parser; any other error is 400. */
const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

/** Answers a malformed or late request and closes the connection. Closes without an answer when another answer has begun. */
export function answerClientError(socket: Duplex, code: string, hasBegun: boolean): void {
  if (hasBegun || !socket.writable) {
    socket.destroy()
    return
  }
  const status = statuses[code] ?? 400
  socket.once('finish', () => socket.destroy()) // a peer that keeps its side open must not hold our descriptor
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
