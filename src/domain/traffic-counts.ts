import type { PrincipalKind } from './principal.ts'

/** Counts of what has passed since the start. Plain numbers: counting a message is one addition. */
export interface TrafficCounts {
  /** PUBLISH packets, including requests and replies. */
  messagesIn: number
  messagesOut: number
  /** All bytes of MQTT, above TLS and WebSocket. */
  bytesIn: number
  bytesOut: number
  /** Messages at QoS 0 that were not sent because their reader was behind. */
  missed: number
}

/** Counted by src/broker for the kind of principal that the connection had at that time; before CONNECT is accepted, that is a guest. */
export type TrafficByKind = Readonly<Record<PrincipalKind, TrafficCounts>>

/** Counts that begin at zero. */
export function createTrafficByKind(): TrafficByKind {
  const nothing = (): TrafficCounts => ({ messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, missed: 0 })
  return { guest: nothing(), user: nothing(), operator: nothing(), device: nothing(), service: nothing() }
}
