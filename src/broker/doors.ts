import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { announceClosedEarly, type Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'
import type { TrafficByKind } from '../domain/traffic-counts.ts'
import type { Arrival } from './edge/admission.ts'
import { openMqtt5 } from './edge5/mqtt5.ts'
import type { BrokerLimits } from './limits.ts'
import { ClientStream } from './transport/client-stream.ts'
import { createTurnWork } from './transport/turn-work.ts'
import { readPeerCertificate } from './transport/wires/peer-certificate.ts'
import { createSocketWire } from './transport/wires/socket-wire.ts'
import { type Carrier, createWebSocketWire } from './transport/wires/websocket-wire.ts'
import type { Wire, WireEvents } from './transport/wires/wire.ts'

/** Where connections come in: over TCP, TLS or WebSocket. */
export interface Doors {
  acceptSocket(socket: Socket, address: string, transport: 'tcp' | 'tls'): void
  /** `socket` carries the WebSocket. */
  acceptWebSocket(ws: WebSocket, address: string, socket: Carrier): void
  /** The streams of all connections that have not closed, admitted or not. */
  readonly streams: ReadonlySet<ClientStream>
}

interface Options {
  readonly limits: BrokerLimits
  readonly counted: TrafficByKind
  readonly events: Events
  readonly now: Clock
  readonly arrived: (stream: ClientStream, arrival: Arrival) => void
}

/** Makes a stream of each connection, within the limits. A connection whose certificate cannot be used is closed. */
export function createDoors({ limits, counted, events, now, arrived }: Options): Doors {
  const silenceMs = limits.pingSeconds * 1000
  const streamLimits = {
    maxPacketBytes: limits.maxConnectPacketBytes,
    maxPendingBytes: limits.maxBufferedBytes,
    messagesPerSecond: limits.messagesPerSecond,
    bytesPerSecond: limits.bytesPerSecond,
    drainTimeoutMs: limits.drainTimeoutMs,
  }
  const turnWork = createTurnWork()
  const mqtt5 = openMqtt5({ receiveMaximum: limits.qos2Window, maxPacketBytes: limits.maxPacketBytes, now })
  const streams = new Set<ClientStream>()

  function accept(attach: (wire: WireEvents) => Wire, arrival: Arrival): void {
    const stream = new ClientStream(attach, streamLimits, counted, turnWork, mqtt5)
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
    arrived(stream, arrival)
  }

  return {
    streams,
    acceptSocket(socket, address, transport) {
      const certificate = readPeerCertificate(socket)
      if (certificate && 'problem' in certificate) {
        announceClosedEarly(events, address, `bad-certificate: ${certificate.problem}`)
        socket.destroy()
        return
      }
      const arrival = { address, transport, ...(certificate && { certificate }) }
      accept(wire => createSocketWire(socket, wire, silenceMs), arrival)
    },
    acceptWebSocket: (ws, address, socket) =>
      accept(wire => createWebSocketWire(ws, socket, wire, silenceMs), { address, transport: 'ws' }),
  }
}
