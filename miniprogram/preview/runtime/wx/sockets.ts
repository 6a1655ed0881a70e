import { functionIn, isRecord, type Options, textIn } from '../options.ts'
import type { PhoneState } from '../phone.ts'
import type { Apis } from './apis.ts'

type Listener = (event: object) => void

/** The object that `wx.connectSocket` returns. */
interface SocketTask {
  send(options: unknown): void
  close(options?: unknown): void
  onOpen(listener: Listener): void
  onMessage(listener: Listener): void
  onClose(listener: Listener): void
  onError(listener: Listener): void
}

/** The sockets of the phone. */
export interface Sockets {
  readonly connectSocket: (options: unknown) => SocketTask
  /** Connecting or open. */
  count(): number
  /** Cuts all; the mini-program is told. */
  cut(reason: string): void
  /** Cuts all; the mini-program is not told. */
  dropSilently(): void
}

const maxSockets = 5

export function createSockets({ record }: Apis, phone: PhoneState, isFrozen: () => boolean): Sockets {
  const live = new Set<{ cut(reason: string): void; dropSilently(): void }>()

  function connect(options: Options): SocketTask {
    const listeners = new Map<string, Listener[]>()
    const on = (name: string) => (listener: Listener) =>
      void listeners.set(name, [...(listeners.get(name) ?? []), listener])
    const tell = (name: string, event: object) => {
      for (const listener of listeners.get(name) ?? []) listener(event)
    }
    const task = { onOpen: on('open'), onMessage: on('message'), onClose: on('close'), onError: on('error') }

    const refusal = refusalOf(options)
    if (refusal !== undefined) {
      answer(options, 'connectSocket', refusal)
      if (refusal !== exceeded) setTimeout(() => tell('error', { errMsg: `connectSocket:fail ${refusal}` }))
      return {
        ...task,
        send: given => answer(given, 'sendSocketMessage', 'taskID not exist'),
        close: given => answer(given, 'closeSocket', 'taskID not exist'),
      }
    }

    const protocols = Array.isArray(options.protocols) ? options.protocols.map(String) : []
    const socket = new WebSocket(textIn(options, 'url'), protocols)
    socket.binaryType = 'arraybuffer'
    const forget = () => {
      live.delete(handle)
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null
    }
    const handle = {
      cut(reason: string) {
        forget()
        socket.close()
        tell('close', { code: 1006, reason })
      },
      /** The socket looks open and takes what is sent, and nothing comes. */
      dropSilently() {
        forget()
        socket.close()
        isDead = true
      },
    }
    let isDead = false
    live.add(handle)
    socket.onopen = () => tell('open', { header: {}, profile: {} })
    socket.onmessage = ({ data }) => tell('message', { data })
    socket.onerror = () => tell('error', { errMsg: 'connectSocket:fail the connection was refused or lost' })
    socket.onclose = ({ code, reason }) => {
      forget()
      tell('close', { code, reason })
    }
    answer(options, 'connectSocket')

    return {
      ...task,
      send(given) {
        const data = isRecord(given) ? given.data : undefined
        if (typeof data !== 'string' && !(data instanceof ArrayBuffer))
          return answer(given, 'sendSocketMessage', 'parameter error: parameter.data should be String or ArrayBuffer')
        if (isDead) return answer(given, 'sendSocketMessage')
        if (socket.readyState !== WebSocket.OPEN)
          return answer(given, 'sendSocketMessage', 'SocketTask.readyState is not OPEN')
        socket.send(data)
        answer(given, 'sendSocketMessage')
      },
      close(given) {
        if (isDead) return answer(given, 'closeSocket') // and onClose never comes, as on iOS
        if (socket.readyState >= WebSocket.CLOSING) return answer(given, 'closeSocket', 'task not connected')
        socket.close(closeCode(given), textIn(given, 'reason'))
        answer(given, 'closeSocket')
      },
    }
  }

  function refusalOf(options: Options): string | undefined {
    if (live.size >= maxSockets) return exceeded
    if (!/^wss?:\/\//.test(textIn(options, 'url'))) return 'invalid url'
    if (isFrozen()) return 'interrupted'
    return phone.isConnected ? undefined : 'network is down'
  }

  return {
    connectSocket: record('connectSocket', options => connect(isRecord(options) ? options : {})),
    count: () => live.size,
    cut: reason => {
      for (const socket of [...live]) socket.cut(reason)
    },
    dropSilently: () => {
      for (const socket of [...live]) socket.dropSilently()
    },
  }
}

const exceeded = 'exceed max concurrent connection count'

/** A browser lets a page close only with 1000, or 3000 and above. */
const closeCode = (given: unknown): number => {
  const code = isRecord(given) && typeof given.code === 'number' ? given.code : 1000
  return code >= 3000 ? code : 1000
}

/** Settles a call of a socket by its callbacks, after the call has returned. */
function answer(options: unknown, name: string, failure?: string): void {
  const result = { errMsg: failure === undefined ? `${name}:ok` : `${name}:fail ${failure}` }
  queueMicrotask(() => {
    functionIn(options, failure === undefined ? 'success' : 'fail')?.(result)
    functionIn(options, 'complete')?.(result)
  })
}
