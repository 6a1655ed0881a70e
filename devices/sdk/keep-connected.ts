import { connect, ErrorWithReasonCode, type MqttClient } from 'mqtt'
import { hostIn } from '../../src/protocol/broker-url.ts'

/** The status of a connection. Delays are until the next attempt. */
export type ConnectionStatus =
  | { readonly state: 'online' }
  /** The connection was lost, or could not be made. */
  | { readonly state: 'offline'; readonly retryInMs: number; readonly reason: string }
  /** The broker refused (CONNACK 1, 2, 4 or 5; 128 is a refused subscription): only a person can change that. */
  | { readonly state: 'refused'; readonly retryInMs: number; readonly returnCode: number }

/** How long to wait between attempts. */
export interface Backoff {
  /** The bound of the first wait; it doubles with every failure. */
  readonly baseMs: number
  readonly maxMs: number
  /** About how long to wait after a refusal: so a disabled device comes back by itself when it is enabled, without hammering the broker. */
  readonly refusedMs: number
}

export const defaultBackoff: Backoff = { baseMs: 1000, maxMs: 60_000, refusedMs: 300_000 }

interface Options {
  readonly url: string
  readonly id: string
  readonly secret: string
  readonly backoff: Backoff
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
  /** Prepares a new connection. When it rejects, the connection is dropped. */
  readonly opened: (client: MqttClient) => Promise<void>
  readonly message: (topic: string, payload: Uint8Array) => void
  readonly status: (status: ConnectionStatus) => void
}

/** A connection that reconnects by itself. */
export interface KeptConnection {
  /** The open connection, when there is one. */
  current(): MqttClient | undefined
  /** Disconnects, and does not reconnect. */
  close(): Promise<void>
}

const serverUnavailable = 3
const subackFailure = 128
const steadyAfterMs = 10_000
const farewellMs = 2000

/**
 * Connects and reconnects with exponential backoff and full jitter, so that a thousand devices do not come back in one instant. Every
 * attempt is a new MQTT client with clean session: nothing stale is sent again.
 */
export function keepConnected(options: Options): KeptConnection {
  const { url, id, secret, backoff, random } = options
  let client: MqttClient
  let closed = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  function open(): void {
    let problem: unknown
    let openedAtMs: number | undefined
    const attempt = connect(url, {
      ...hostIn(url),
      clientId: id,
      username: id,
      password: secret,
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      connectTimeout: 10_000,
      reconnectPeriod: 0,
    })
    client = attempt
    attempt.on('error', error => {
      problem = error
    })
    attempt.on('message', options.message)
    attempt.on('connect', () => {
      openedAtMs = Date.now()
      options.opened(attempt).then(
        () => options.status({ state: 'online' }),
        (error: unknown) => {
          // The connection is still open: the broker has answered with a refusal.
          problem = attempt.connected ? new ErrorWithReasonCode('subscription refused', subackFailure) : error
          attempt.stream.destroy()
        },
      )
    })
    attempt.on('close', () => {
      if (closed || client !== attempt) return
      if (openedAtMs !== undefined && Date.now() - openedAtMs > steadyAfterMs) failures = 0
      retry(problem)
    })
  }

  function retry(problem: unknown): void {
    if (timer) return
    const returnCode = refusalCode(problem)
    const refused = returnCode !== undefined && returnCode !== serverUnavailable
    const wait = refused
      ? backoff.refusedMs * (0.5 + random() / 2)
      : random() * Math.min(backoff.maxMs, backoff.baseMs * 2 ** failures)
    const retryInMs = Math.round(wait)
    failures++
    timer = setTimeout(() => {
      timer = undefined
      open()
    }, retryInMs)
    const reason = problem instanceof Error ? problem.message || problem.name : 'connection closed'
    options.status(refused ? { state: 'refused', retryInMs, returnCode } : { state: 'offline', retryInMs, reason })
  }

  open()
  return {
    current: () => (client.connected && !closed ? client : undefined),
    async close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      if (!client.connected) return void (await client.endAsync(true))
      const gone = new Promise<void>(resolve => void client.once('close', resolve))
      client.end()
      await Promise.race([gone, giveUp(client)])
    },
  }
}

/** A broker that does not answer any more does not delay the disconnection. */
const giveUp = (client: MqttClient): Promise<void> =>
  new Promise(resolve => {
    setTimeout(() => {
      client.stream.destroy()
      resolve()
    }, farewellMs).unref()
  })

/** The return code of a CONNACK or SUBACK that refused; socket errors have a word instead. */
const refusalCode = (problem: unknown): number | undefined =>
  problem instanceof Error && 'code' in problem && typeof problem.code === 'number' ? problem.code : undefined
