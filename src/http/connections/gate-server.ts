import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import { createTakeTurns } from '../../turns/take-turns.ts'
import { PacedSocket } from './paced-socket.ts'

/** A request is a portion, as a rule, and a fifth of a millisecond's work and more. */
const portionsPerTurn = 8

/** A connection that HTTP sees. */
export interface GatedConnection {
  /** Whose it is. */
  readonly address: string
  /** What carries it. */
  readonly socket: Socket
  /** True while a request that came over it is not answered. */
  isAnswering(): boolean
  /** True while the answer to one is on its way. */
  hasBegunAnswer(): boolean
  /** Leaves the socket to the caller. Answers what came over it and was not looked at. */
  release(): Buffer
  /** Begins anew, as if a request, what came behind it, and what was not looked at came now. */
  restart(request: Buffer, behind: Buffer): void
}

/** How a server's connections are known. */
export interface GatedServer {
  /** By what `request.socket` is. */
  connectionOf(connection: Duplex): GatedConnection | undefined
  /** Serves a connection that passed the gate elsewhere, as those that come to the server's own port. */
  accept(socket: Socket, address: string): void
}

/** Has every connection of a server pass the gate before HTTP sees it, and each of its requests wait for the answer to the one before. */
export function gateServer(server: Server, gate: Pick<ConnectionGate, 'admit'>): GatedServer {
  const known = new WeakMap<Duplex, GatedConnection>()
  const listeners = server.rawListeners('connection')
  const later = createTakeTurns(portionsPerTurn)
  function accept(socket: Socket, address: string, received: readonly Buffer[] = []): void {
    const connection = new PacedSocket(socket, later, received)
    known.set(connection, {
      address,
      socket,
      isAnswering: () => connection.isAnswering,
      hasBegunAnswer: () => connection.hasBegunAnswer,
      release: () => connection.release(),
      restart(...received) {
        const rest = connection.release()
        connection.destroy()
        accept(
          socket,
          address,
          [...received, rest].filter(bytes => bytes.length > 0),
        )
      },
    })
    for (const listener of listeners) listener.call(server, connection)
  }
  server
    .removeAllListeners('connection')
    .on('connection', (socket: Socket) => gate.admit(socket, address => accept(socket, address)))
  // Node would answer an Expect that it does not know by itself, uncounted and without a pace.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket: Duplex = request.socket
    if (!(socket instanceof PacedSocket)) return
    socket.asked(request, response)
    response.once('close', () => socket.answered())
  })
  return { connectionOf: connection => known.get(connection), accept: (socket, address) => accept(socket, address) }
}
