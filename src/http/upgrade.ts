import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { NotAdmitted } from '../domain/connection-gate.ts'

export interface UpgradeOptions {
  readonly acceptWebSocket: (ws: WebSocket, address: string, socket: Socket) => void
  /** Whose request it is. */
  readonly clientOf: (request: IncomingMessage) => string
  /** Why this client may not have a WebSocket over this connection; undefined when it may. */
  readonly refusalOf: (socket: Socket, client: string) => NotAdmitted | undefined
  readonly origins: readonly string[]
  readonly maxFrameBytes: number
  readonly isAccepting: () => boolean
}

/** The subprotocols of MQTT over WebSocket: 3.1.1 [MQTT-6.0.0-3] and its forerunner. */
const subprotocols = ['mqtt', 'mqttv3.1'] as const

/** Answers HTTP upgrades: only at `/mqtt`, only for MQTT, only from allowed origins. A refusal is an HTTP status and a sentence. */
export function createUpgrade(options: UpgradeOptions) {
  const { acceptWebSocket, clientOf, refusalOf, origins, maxFrameBytes, isAccepting } = options
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false, // src/broker/transport/websocket-wire.ts does
    maxPayload: maxFrameBytes,
    handleProtocols: offered => subprotocols.find(name => offered.has(name)) ?? false,
  })

  /** What is wrong with a request, before it is asked who makes it. */
  function problemOf({ url = '', headers }: IncomingMessage): Refusal | undefined {
    const { origin, 'sec-websocket-protocol': offered = '' } = headers
    if (url.split('?', 1)[0] !== '/mqtt') return [404, 'MQTT over WebSocket is at /mqtt']
    if (!isAccepting()) return [503, 'the broker is stopping']
    if (origin !== undefined && origins.length > 0 && !origins.includes(origin)) return [403, 'origin not allowed']
    return offered.split(',').some(isOurs) ? undefined : [400, 'offer the WebSocket subprotocol mqtt']
  }

  function notAdmitted(socket: Socket, client: string): Refusal | undefined {
    const reason = refusalOf(socket, client)
    return reason && [statusOf[reason], reason]
  }

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const client = clientOf(request)
    const refusal = problemOf(request) ?? notAdmitted(request.socket, client)
    if (refusal) refuse(socket, refusal)
    else server.handleUpgrade(request, socket, head, ws => acceptWebSocket(ws, client, request.socket))
  }
}

type Refusal = readonly [status: number, text: string]

const statusOf: Readonly<Record<NotAdmitted, number>> = {
  'address-blocked': 403,
  'too-many-connections': 503,
  'too-many-from-address': 429,
  'too-often-from-address': 429,
}

const isOurs = (name: string): boolean => subprotocols.some(known => known === name.trim())

function refuse(socket: Duplex, [status, text]: Refusal): void {
  const body = `${text}\n`
  socket.once('finish', () => socket.destroy()) // a peer that keeps its side open keeps nothing of ours
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
