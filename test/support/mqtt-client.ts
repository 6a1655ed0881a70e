import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { hostIn } from '../../src/protocol/broker-url.ts'
import type { Reply } from '../../src/protocol/envelope.ts'
import { isSubset } from '../../src/protocol/topic-filter.ts'
import { topics } from '../../src/protocol/topics.ts'

export interface Received {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
}

/** A reply as it came; `data` is whatever the test knows it to be. */
export type TestReply = Omit<Reply, 'data'> & { readonly data: never }

/** A real mqtt.js client with what a test needs around it: requests, and waiting for messages by filter. */
export interface TestClient extends AsyncDisposable {
  readonly mqtt: MqttClient
  readonly id: string
  /** Everything received so far. */
  readonly received: Received[]
  /** Publishes a request and waits for nothing. */
  send(operation: string, body?: object): void
  /** Publishes a request and resolves with its reply, matched by id. */
  request(operation: string, body?: object): Promise<TestReply>
  /** The first message under `filter`, received already or yet to come. Rejects after fifteen seconds. */
  message(filter: string, matches?: (message: Received) => boolean): Promise<Received>
  /** The QoS granted, 128 when refused. */
  subscribe(filter: string, qos?: 0 | 1 | 2): Promise<number>
  /** Resolves when the broker has closed the connection. */
  closed(): Promise<void>
}

let counter = 0
/** Long, for these machines are shared: it only says how late a failure is told. */
const deadlineMs = 15_000

/** Connects; rejects with the CONNACK's error (`code` 2, 4, 5) when refused. Never reconnects. */
export async function connectClient(url: string, options: IClientOptions = {}): Promise<TestClient> {
  const clientId = options.clientId ?? `test-${process.pid}-${++counter}`
  const client = mqtt.connect(url, {
    ...hostIn(url),
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: deadlineMs,
    ...options,
    clientId,
  })
  const received: Received[] = []
  const waiting = new Set<() => void>()
  client.on('message', (topic, payload, { qos, retain }) => {
    received.push({ topic, payload: payload.toString(), qos, retain })
    for (const check of waiting) check()
  })
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed before CONNACK')))
  })
  client.on('error', () => {})
  const isClosed = new Promise<void>(resolve => client.once('close', () => resolve()))

  function message(filter: string, matches: (message: Received) => boolean = () => true): Promise<Received> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = received.find(one => isSubset(one.topic, filter) && matches(one))
        if (!found) return
        finish()
        resolve(found)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`no message under ${filter}; received: ${JSON.stringify(received.map(({ topic }) => topic))}`))
      }, deadlineMs)
      const finish = () => {
        clearTimeout(timer)
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })
  }

  return {
    mqtt: client,
    id: clientId,
    received,
    message,
    send: (operation, body = {}) => void client.publish(topics.request(clientId, operation), JSON.stringify(body)),
    async request(operation, body = {}) {
      const id = `r${++counter}`
      client.publish(topics.request(clientId, operation), JSON.stringify({ id, ...body }))
      const reply = await message(topics.reply(clientId, operation), ({ payload }) => JSON.parse(payload).id === id)
      return JSON.parse(reply.payload)
    },
    subscribe: (filter, qos = 0) =>
      new Promise((resolve, reject) => {
        client.subscribe(filter, { qos }, (error, granted, packet) => {
          const code = packet?.granted?.[0]
          if (code !== undefined) resolve(Number(code))
          else if (error) reject(error)
          else resolve(granted?.[0]?.qos ?? 128)
        })
      }),
    closed: () => isClosed,
    [Symbol.asyncDispose]: async () => {
      await client.endAsync(true)
    },
  }
}

/** A guest over WebSocket, subscribed to its replies and notifications. */
export async function connectGuest(wsUrl: string, options: IClientOptions = {}): Promise<TestClient> {
  const client = await connectClient(wsUrl, options)
  await client.subscribe(topics.replies(client.id), 1)
  await client.subscribe(topics.notifications(client.id), 1)
  return client
}

/** A client that signs in with a token, subscribed like a guest. */
export const connectWithToken = (url: string, token: string, options: IClientOptions = {}): Promise<TestClient> =>
  connectGuest(url, { username: 'jwt', password: token, ...options })

/** One SUBSCRIBE of all `filters` at QoS 1; its SUBACK. */
export const subscribeAll = (client: TestClient, filters: string[]): Promise<number[]> =>
  new Promise(resolve => {
    client.mqtt.subscribe(filters, { qos: 1 }, (_error, _granted, packet) =>
      resolve((packet?.granted ?? []).map(Number)),
    )
  })

let nonce = 0
/** A fresh code of the stand-in's WeChat user `name`. */
export const wechatCode = (name: string): string => `sandbox:${name}:${process.pid}-${++nonce}`
