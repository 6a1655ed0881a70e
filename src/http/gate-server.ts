import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionGate } from '../domain/connection-gate.ts'
import { PacedSocket } from './paced-socket.ts'

/** A connection that HTTP sees. */
export interface GatedConnection {
  /** Whose it is. */
  readonly address: string
  /** What carries it. */
  readonly socket: Socket
  /** Leaves the socket to the caller. Answers what came over it and was not looked at. */
  release(): Buffer
}

/**
 * Has every connection of a server pass the gate before HTTP sees it, and each of its requests wait for the answer to the one before. What it
 * returns knows each connection by what `request.socket` is.
 */
export function gateServer(
  server: Server,
  gate: Pick<ConnectionGate, 'admit'>,
): (connection: Duplex) => GatedConnection | undefined {
  const known = new WeakMap<Duplex, GatedConnection>()
  const listeners = server.rawListeners('connection')
  server.removeAllListeners('connection').on('connection', (socket: Socket) =>
    gate.admit(socket, address => {
      const connection = new PacedSocket(socket)
      known.set(connection, { address, socket, release: () => connection.release() })
      for (const listener of listeners) listener.call(server, connection)
    }),
  )
  server.prependListener('request', ({ socket }: { socket: Duplex }, response: ServerResponse) => {
    if (!(socket instanceof PacedSocket)) return
    socket.asked()
    response.once('close', () => socket.answered())
  })
  return connection => known.get(connection)
}
