// The entry of vendor/mqtt.js. mqtt.js' own browser build and its wx transport do not work in a mini-program: they need AbortController,
// and keep one socket for all clients. This takes the client alone, with its browser stream over a socket that the app makes.
import { Buffer } from 'node:buffer'
import mqttClient from 'mqtt/lib/client'
import mqttStream from 'mqtt/lib/connect/ws'
import type * as contract from '../../app/vendor/mqtt.d.ts'

export const connect: typeof contract.connect = options => {
  const settings = {
    protocol: options.url.startsWith('wss:') ? 'wss' : 'ws',
    // Only the stream's own idea of the address; the socket is opened by the whole one.
    hostname: options.url,
    path: '',
    port: 443,
    clientId: options.clientId,
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
    protocolVersion: 4,
    clean: true,
    keepalive: options.keepaliveSeconds,
    connectTimeout: options.connectTimeoutMs,
    reconnectPeriod: options.reconnectPeriodMs,
    resubscribe: false,
    timerVariant: 'native',
    forceNativeWebSocket: true,
    createWebsocket: (_url: string, protocols: string[]) => options.openSocket(options.url, protocols),
  } as const
  const client = new mqttClient.default(self => mqttStream.browserStreamBuilder(self, settings), settings)
  // Without a listener an error would be thrown out of a timer.
  client.on('error', () => {})
  return client
}

export const textOf: typeof contract.textOf = payload =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')
