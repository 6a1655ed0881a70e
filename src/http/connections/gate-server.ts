import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import { createTakeTurns } from '../../turns/take-turns.ts'
import { PacedSocket } from './paced-socket.ts'

/** A portion is usually one request, which takes a fifth of a millisecond or more. */
const portionsPerTurn = 8

/** A connection that HTTP sees. */
export interface GatedConnection {
  /** The client's address. */
  readonly address: string
  /** The socket that carries it. */
  readonly socket: Socket
  /** True while a request is not answered. */
  isAnswering(): boolean
  /** True while an answer is being sent. */
  hasBegunAnswer(): boolean
  /** Leaves the socket to the caller. Returns what arrived and was not read yet. */
  release(): Buffer
  /** Starts again, as if `request`, what came `behind` it and what was not read yet arrived now. */
  restart(request: Buffer, behind: Buffer): void
}

/** A server whose connections pass the gate. */
export interface GatedServer {
  /** Finds a connection by `request.socket`. */
  connectionOf(connection: Duplex): GatedConnection | undefined
  /** Serves a connection that passed the gate on another port. */
  accept(socket: Socket, address: string): void
}

/** Makes every connection of a server pass the gate before HTTP sees it, and every request wait for the answer to the one before. */
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
  // Node would answer an unknown Expect by itself, uncounted and unpaced.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket: Duplex = request.socket
    if (!(socket instanceof PacedSocket)) return
    socket.asked(request, response)
    response.once('close', () => socket.answered())
  })
  return { connectionOf: connection => known.get(connection), accept: (socket, address) => accept(socket, address) }
}
