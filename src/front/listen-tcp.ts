import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { ConnectionGate } from '../domain/connection-gate.ts'

/** A listener for MQTT over TCP or TLS. */
export interface Listener {
  /** The port that was really bound. */
  readonly port: number
  /** Accepts no more connections; open ones stay. Returns at once. */
  stop(): void
}

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Every connection passes it before a handshake. */
  readonly gate: Pick<ConnectionGate, 'admit'>
  readonly accept: (socket: Socket, address: string) => void
}

/** Listens for MQTT over TCP. Rejects when the port cannot be bound. */
export function listenTcp({ host, port, gate, accept }: ListenOptions): Promise<Listener> {
  const server = createServer({ noDelay: true }, socket => gate.admit(socket, address => accept(socket, address)))
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
