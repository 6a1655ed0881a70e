import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough, Transform } from 'node:stream'

/** A TCP port that leads to another, which may change: a network that fails, or a broker that comes back elsewhere. */
export interface CuttableProxy extends AsyncDisposable {
  readonly port: number
  /** Where new connections lead. */
  target: number
  /** Connections made so far. */
  readonly connections: number
  /** Cuts every connection, as a network that fails does. */
  cut(): void
  /** Every connection that there is now stays open, and nothing comes through any more: neither side is told. */
  silence(): void
}

/** Half of `roundTripMs` passes before anything arrives, in either direction. */
export async function startCuttableProxy(target: number, { roundTripMs = 0 } = {}): Promise<CuttableProxy> {
  const sockets = new Set<Socket>()
  const silent = new WeakSet<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, inner => {
    connections++
    const outer = connect({ host: '127.0.0.1', port: proxy.target, noDelay: true })
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(one)
      one.pipe(delayed(roundTripMs / 2)).pipe(other)
      one.on('error', () => {}) // it closes
      one.on('close', () => {
        sockets.delete(one)
        if (!silent.has(one)) other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a proxy without a port')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy: CuttableProxy = {
    port: address.port,
    target,
    get connections() {
      return connections
    },
    cut,
    silence() {
      for (const socket of sockets) {
        silent.add(socket)
        socket.unpipe()
        socket.resume() // or a close of the other end would not be seen
      }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
  return proxy
}

/** Passes on what it is given so much later, in order. */
function delayed(ms: number): Transform {
  if (ms === 0) return new PassThrough()
  return new Transform({
    highWaterMark: 2 ** 24,
    transform(chunk, _encoding, done) {
      setTimeout(() => this.destroyed || this.push(chunk), ms)
      done()
    },
    flush: done => void setTimeout(done, ms),
  })
}
