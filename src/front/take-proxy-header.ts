import type { Socket } from 'node:net'
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts'

/**
 * Takes the PROXY header from the beginning of a socket's data, and leaves the rest for the next reader. Resolves with 'closed' when the connection
 * ends, or is closed for its silence, before the header is complete. Must be called before anybody reads from the socket.
 */
export function takeProxyHeader(
  socket: Socket,
  timeoutMs: number,
): Promise<ProxyHeader | { readonly problem: string } | 'closed'> {
  return new Promise(resolve => {
    let got: Buffer = Buffer.alloc(0)
    const timer = setTimeout(() => socket.destroy(), timeoutMs).unref()
    const end = () => socket.destroy()
    const ignore = () => {} // 'close' follows
    const closed = () => finish('closed')

    function look(): void {
      const bytes: unknown = socket.read()
      if (!Buffer.isBuffer(bytes)) return
      got = got.length === 0 ? bytes : Buffer.concat([got, bytes])
      const found = readProxyHeader(got)
      if (found === 'more') return
      if ('length' in found && got.length > found.length) socket.unshift(got.subarray(found.length))
      finish(found)
    }

    function finish(found: ProxyHeader | { readonly problem: string } | 'closed'): void {
      clearTimeout(timer)
      socket.off('readable', look).off('end', end).off('close', closed)
      if (found !== 'closed') setImmediate(() => socket.off('error', ignore))
      resolve(found)
    }

    socket.on('error', ignore).once('end', end).once('close', closed).on('readable', look)
  })
}
