import { createHash, randomBytes } from 'node:crypto'
import { MqttClient } from 'mqtt'
import mqttStream from 'mqtt/lib/connect/ws'
import { WebSocket } from 'ws'
import { createServices, type Services } from '../../../miniprogram/app/services/create-services.ts'
import type { Platform, SocketLike } from '../../../miniprogram/app/services/platform.ts'
import type { connect } from '../../../miniprogram/app/vendor/mqtt.js'
import { wechatCode } from '../mqtt-client.ts'

/** The services of the mini-program on a phone that is this process: real mqtt.js, real sockets, and WeChat's stand-in for `wx.login`. */
export interface NodePhone extends Services, AsyncDisposable {
  /** What outlives the process: give it to the next phone to start the mini-program again. */
  readonly storage: Map<string, string>
  /** How often `wx.login` was called. */
  readonly loginCodes: number
  /** How many sockets were opened, and how many of them are still open. */
  readonly sockets: { readonly opened: number; readonly open: number }
}

export interface PhoneOptions {
  /** The WeChat user of the phone. */
  readonly user?: string
  readonly url: string
  readonly storage?: Map<string, string>
  readonly now?: () => number
  readonly connect?: typeof connect
  readonly random?: Platform['random']
}

/**
 * mqtt.js from npm with the browser's stream over the socket that it is given, as the mini-program's bundle has it. Not by mqtt.connect,
 * whose `forceNativeWebSocket` is for every client of the process, TCP ones included.
 */
export const connectNpmMqtt: typeof connect = options => {
  const settings = {
    protocol: 'ws',
    hostname: options.url,
    clientId: options.clientId,
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
    protocolVersion: 4,
    keepalive: options.keepaliveSeconds,
    connectTimeout: options.connectTimeoutMs,
    reconnectPeriod: options.reconnectPeriodMs,
    resubscribe: false,
    createWebsocket: (_url: string, protocols: string[]) => options.openSocket(options.url, protocols),
  } as const
  return new MqttClient(self => mqttStream.browserStreamBuilder(self, settings), settings).on('error', () => {})
}

export function createNodePhone(options: PhoneOptions): NodePhone {
  const { user = 'alice', url, storage = new Map<string, string>(), now = Date.now } = options
  const sockets = new Set<SocketLike>()
  let opened = 0
  let loginCodes = 0
  const platform: Platform = {
    async loginCode() {
      loginCodes++
      return wechatCode(user)
    },
    openSocket(address, protocols, heard) {
      opened++
      const socket = createNodeSocket(address, protocols, heard, () => void sockets.delete(socket))
      sockets.add(socket)
      return socket
    },
    storage: {
      get: key => storage.get(key),
      set: (key, text) => void storage.set(key, text),
      remove: key => void storage.delete(key),
    },
    language: () => 'en',
    now,
    random: options.random ?? (length => randomBytes(length).toString('hex').slice(0, length)),
  }
  const services = createServices({
    platform,
    connect: options.connect ?? connectNpmMqtt,
    textOf: payload => Buffer.from(payload).toString('utf8'),
    md5: text => createHash('md5').update(text).digest('hex'),
    serverUrl: url,
  })
  return {
    ...services,
    storage,
    get loginCodes() {
      return loginCodes
    },
    sockets: {
      get opened() {
        return opened
      },
      get open() {
        return sockets.size
      },
    },
    async [Symbol.asyncDispose]() {
      services.session.networkChanged(false) // nothing is tried any more
      for (const socket of sockets) socket.drop()
    },
  }
}

/** A {@link SocketLike} of `ws`. `heard` is told of all that arrives, `gone` when its end was reported. */
function createNodeSocket(url: string, protocols: string[], heard: () => void, gone: () => void): SocketLike {
  const ws = new WebSocket(url, protocols, { perMessageDeflate: false })
  ws.binaryType = 'arraybuffer'
  let isOver = false
  const over = (code: number) => {
    if (isOver) return
    isOver = true
    gone()
    socket.onclose?.({ code })
  }
  const socket: SocketLike = {
    CONNECTING: 0,
    OPEN: 1,
    CLOSING: 2,
    CLOSED: 3,
    url,
    get readyState() {
      return isOver ? 3 : ws.readyState
    },
    get bufferedAmount() {
      return ws.bufferedAmount
    },
    binaryType: 'arraybuffer',
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    send: bytes => ws.send(bytes),
    close: (code = 1000, reason = '') => ws.close(code, reason),
    drop() {
      ws.terminate()
      over(1006)
    },
  }
  ws.on('open', () => socket.onopen?.({}))
  ws.on('message', data => {
    if (isOver || !(data instanceof ArrayBuffer)) return
    heard()
    socket.onmessage?.({ data })
  })
  ws.on('error', cause => socket.onerror?.(cause))
  ws.on('close', code => over(code))
  return socket
}
