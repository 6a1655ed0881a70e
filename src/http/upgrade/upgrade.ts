import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import type { GatedConnection } from '../connections/gate-server.ts'
import { refusalStatus } from '../connections/refusal-status.ts'
import { asksForWebSocket, withoutUpgrade } from './without-upgrade.ts'

export interface UpgradeOptions {
  readonly acceptWebSocket: (ws: WebSocket, address: string, socket: Socket) => void
  readonly connectionOf: (connection: Duplex) => GatedConnection | undefined
  readonly gate: Pick<ConnectionGate, 'mayNotTakeOver' | 'mayNotAsk'>
  /** The client's address. */
  readonly clientOf: (request: IncomingMessage) => string
  readonly origins: readonly string[]
  readonly maxFrameBytes: number
  readonly isAccepting: () => boolean
  /** A connection on which nothing moves for this long while it is answered is closed. */
  readonly silenceMs: number
}

/** The subprotocols of MQTT over WebSocket: 3.1.1 [MQTT-6.0.0-3] and its forerunner. */
const subprotocols = ['mqtt', 'mqttv3.1'] as const

/** Answers HTTP upgrades. An upgrade to any protocol but WebSocket is ignored. A WebSocket is accepted only at `/mqtt`, for MQTT, from allowed origins; a refusal is an HTTP status and a sentence. */
export function createUpgrade(options: UpgradeOptions) {
  const { acceptWebSocket, connectionOf, gate, clientOf, origins, maxFrameBytes, isAccepting, silenceMs } = options
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false, // src/broker/transport/wires/websocket-wire.ts does
    maxPayload: maxFrameBytes,
    handleProtocols: offered => subprotocols.find(name => offered.has(name)) ?? false,
  })

  /** What is wrong with a request, whoever sends it. */
  function problemOf({ url = '', headers }: IncomingMessage): Refusal | undefined {
    const { origin, 'sec-websocket-protocol': offered = '' } = headers
    if (url.split('?', 1)[0] !== '/mqtt') return [404, 'MQTT over WebSocket is at /mqtt']
    if (!isAccepting()) return [503, 'the broker is stopping']
    if (origin !== undefined && origins.length > 0 && !origins.includes(origin)) return [403, 'origin not allowed']
    return offered.split(',').some(isOurs) ? undefined : [400, 'offer the WebSocket subprotocol mqtt']
  }

  return (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    connection.on('error', () => connection.destroy()).on('timeout', () => connection.destroy())
    const known = connectionOf(connection)
    if (!known) throw new TypeError('a connection that did not pass the gate')
    const { socket, address } = known
    if (!asksForWebSocket(request)) {
      const plain = withoutUpgrade(request)
      // The answer would overtake that of an earlier request.
      if (known.isAnswering() || !plain) connection.destroy()
      else known.restart(plain, head)
      return
    }
    const client = clientOf(request)
    const problem = problemOf(request)
    const reason = problem ? gate.mayNotAsk(client) : gate.mayNotTakeOver(socket, address, client)
    // The answer of the earlier request would mix with the WebSocket, or with the refusal.
    if (known.isAnswering()) connection.destroy()
    else if (reason) refuse(connection, [refusalStatus[reason], reason])
    else if (problem) refuse(connection, problem)
    else {
      const received = Buffer.concat([head, known.release()])
      const tooSilent = () => socket.destroy()
      socket.setTimeout(silenceMs, tooSilent)
      server.handleUpgrade(request, socket, received, ws => {
        socket.setTimeout(0).off('timeout', tooSilent)
        acceptWebSocket(ws, client, socket)
      })
      socket.resume() // paused while it was read in portions
    }
  }
}

type Refusal = readonly [status: number, text: string]

const isOurs = (name: string): boolean => subprotocols.some(known => known === name.trim())

function refuse(socket: Duplex, [status, text]: Refusal): void {
  const body = `${text}\n`
  socket.once('finish', () => socket.destroy()) // a peer that keeps its side open must not hold our descriptor
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
