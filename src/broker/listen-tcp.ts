import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** A listening socket of MQTT over TCP or TLS. */
export interface Listener {
  /** The port that was really bound. */
  readonly port: number
  /** Takes no more connections; those that were accepted stay. Returns at once. */
  stop(): void
}

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** False closes the connection at once, before a handshake. */
  readonly mayEnter: (socket: Socket, address: string) => boolean
  readonly accept: (socket: Socket) => void
}

/** Listens for MQTT over TCP. Rejects when the port cannot be bound. */
export function listenTcp({ host, port, mayEnter, accept }: ListenOptions): Promise<Listener> {
  const server = createServer({ noDelay: true }, socket => {
    const address = socket.remoteAddress ?? 'unknown' // asked once, a socket remembers it
    if (mayEnter(socket, address)) accept(socket)
    else socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      server.on('error', () => {}) // accept errors (no file descriptors left) end one connection, not the listener
      const { port: bound } = server.address() as AddressInfo
      resolve({ port: bound, stop: () => void server.close() })
    })
  })
}
