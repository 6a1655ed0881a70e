/** What the mini-program uses of mqtt.js. The bundle is made by miniprogram/build/vendor/mqtt.ts, which is checked against this. */
import type { SocketLike } from '../services/platform.ts'

export interface MqttOptions {
  /** `wss://host[:port]/path`, or `ws://` in the preview. */
  readonly url: string
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly keepaliveSeconds: number
  /** How long the socket and CONNACK may take together. */
  readonly connectTimeoutMs: number
  /** 0: never by itself. */
  readonly reconnectPeriodMs: number
  readonly openSocket: (url: string, protocols: string[]) => SocketLike
}

/** An error of the client; `code` is CONNACK's return code (MQTT 3.1.1, 3.2.2.3) when the broker refused the connection. */
export interface MqttError extends Error {
  readonly code?: number | string
}

/** One client of mqtt.js at MQTT 3.1.1. `message` gives payloads as bytes. */
export interface MqttClient {
  readonly connected: boolean
  on(event: 'connect', listener: (connack: { readonly sessionPresent: boolean }) => void): this
  on(
    event: 'message',
    listener: (topic: string, payload: Uint8Array, packet: { readonly retain: boolean }) => void,
  ): this
  /** Of every packet, as it is written or was read whole. */
  on(
    event: 'packetsend' | 'packetreceive',
    listener: (packet: { readonly cmd: string; readonly qos?: number }) => void,
  ): this
  on(event: 'error', listener: (error: MqttError) => void): this
  on(event: 'close' | 'offline' | 'reconnect' | 'end', listener: () => void): this
  subscribe(
    topics: string[],
    options: { readonly qos: 0 | 1 | 2 },
    /** With a refused filter there is an error, and `suback.granted` has 128 at its place; without `suback` there was no answer. */
    done: (error: Error | null, asked?: readonly unknown[], suback?: { readonly granted: readonly unknown[] }) => void,
  ): this
  unsubscribe(topics: string[], done: (error?: Error) => void): this
  publish(topic: string, payload: string, options: { readonly qos: 0 | 1 | 2 }, done: (error?: Error) => void): this
  /** Sends PINGREQ. */
  sendPing(): void
  reconnect(): this
  /** With `force`, without DISCONNECT and without waiting for what is on its way. */
  end(force: boolean, done?: () => void): this
}

/** Connects, with a clean session; after a reconnection nothing is subscribed until the caller does it again. */
export function connect(options: MqttOptions): MqttClient
/** The UTF-8 text of a payload. */
export function textOf(payload: Uint8Array): string
