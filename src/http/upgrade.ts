import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { TooManyConnections } from '../domain/connection-limits.ts'

export interface UpgradeOptions {
  readonly acceptWebSocket: (ws: WebSocket, address: string, socket: Socket) => void
  readonly refuses: (address: string) => boolean
  readonly origins: readonly string[]
  readonly maxFrameBytes: number
  readonly isAccepting: () => boolean
  /** Why this connection is one too many; undefined when it is not. */
  readonly tooMany: (socket: Duplex) => TooManyConnections | undefined
}

/** The subprotocols of MQTT over WebSocket: 3.1.1 [MQTT-6.0.0-3] and its forerunner. */
const subprotocols = ['mqtt', 'mqttv3.1'] as const

/** Answers HTTP upgrades: only at `/mqtt`, only for MQTT, only from allowed origins. A refusal is an HTTP status and a sentence. */
export function createUpgrade(options: UpgradeOptions) {
  const { acceptWebSocket, refuses, origins, maxFrameBytes, isAccepting, tooMany } = options
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false, // src/broker/transport/websocket-wire.ts does
    maxPayload: maxFrameBytes,
    handleProtocols: offered => subprotocols.find(name => offered.has(name)) ?? false,
  })

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const [path] = (request.url ?? '').split('?', 1)
    const reason = tooMany(socket)
    const { origin, 'sec-websocket-protocol': offered = '' } = request.headers
    if (path !== '/mqtt') refuse(socket, 404, 'MQTT over WebSocket is at /mqtt')
    else if (!isAccepting()) refuse(socket, 503, 'the broker is stopping')
    else if (refuses(request.socket.remoteAddress ?? 'unknown')) refuse(socket, 403, 'address blocked by an operator')
    else if (reason) refuse(socket, reason === 'too-many-connections' ? 503 : 429, reason)
    else if (origin !== undefined && origins.length > 0 && !origins.includes(origin))
      refuse(socket, 403, 'origin not allowed')
    else if (!offered.split(',').some(isOurs)) refuse(socket, 400, 'offer the WebSocket subprotocol mqtt')
    else
      server.handleUpgrade(request, socket, head, ws =>
        acceptWebSocket(ws, request.socket.remoteAddress ?? 'unknown', request.socket),
      )
  }
}

const isOurs = (name: string): boolean => subprotocols.some(known => known === name.trim())

function refuse(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`
  socket.once('finish', () => socket.destroy()) // a peer that keeps its side open keeps nothing of ours
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
