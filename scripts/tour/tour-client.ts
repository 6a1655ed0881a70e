import mqtt, { type IClientOptions } from 'mqtt'
import type { Reply } from '../../src/protocol/envelope.ts'
import { isSubset } from '../../src/protocol/topic-filter.ts'
import { topics } from '../../src/protocol/topics.ts'
import type { Narrator } from './narrator.ts'

const patienceMs = 5000

/** A phone in the story: one mqtt.js connection, whose every message is told. */
export interface TourClient {
  readonly id: string
  request(operation: string, body?: object): Promise<Reply>
  publish(topic: string, body: object): void
  /** The QoS granted; 128 is a refusal. */
  subscribe(filter: string): Promise<number>
  /** The next message under `filter` that satisfies `matches`, or undefined when none comes in time. */
  next(
    filter: string,
    matches?: (body: Record<string, unknown>) => boolean,
    withinMs?: number,
  ): Promise<Record<string, unknown> | undefined>
  /** True when the broker closes the connection in time. */
  isClosed(): Promise<boolean>
  end(): Promise<void>
}

/** Connects, or resolves with the CONNACK return code of the refusal. */
export function connectTourClient(
  who: string,
  url: string,
  narrator: Narrator,
  options: IClientOptions = {},
): Promise<TourClient | number> {
  const id = options.clientId ?? `${who.replaceAll(' ', '-')}-${Math.random().toString(36).slice(2, 8)}`
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, ...options, clientId: id })
  const listeners = new Set<(topic: string, body: Record<string, unknown>) => void>()
  let requests = 0
  client.on('message', (topic, payload) => {
    narrator.received(who, topic, payload.toString())
    for (const listener of listeners) listener(topic, JSON.parse(payload.toString()))
  })
  const closed = new Promise<true>(resolve => client.once('close', () => resolve(true)))

  const tour: TourClient = {
    id,
    async request(operation, body = {}) {
      const requestId = String(++requests)
      const reply = tour.next(topics.reply(id, operation), ({ id: echoed }) => echoed === requestId)
      tour.publish(topics.request(id, operation), { id: requestId, ...body })
      const found = await reply
      if (!found) throw new Error(`${operation} was not answered`)
      return found as unknown as Reply
    },
    publish(topic, body) {
      const payload = JSON.stringify(body)
      narrator.sent(who, topic, payload)
      client.publish(topic, payload, { qos: 1 })
    },
    subscribe: filter =>
      new Promise(resolve => {
        narrator.sent(who, 'SUBSCRIBE', filter)
        client.subscribe(filter, { qos: 1 }, (_error, granted, packet) => {
          const code = Number(packet?.granted?.[0] ?? granted?.[0]?.qos ?? 128)
          narrator.received(who, 'SUBACK', `0x${code.toString(16).padStart(2, '0')}`)
          resolve(code)
        })
      }),
    next: (filter, matches = () => true, withinMs = patienceMs) =>
      new Promise(resolve => {
        const finish = (body: Record<string, unknown> | undefined) => {
          clearTimeout(timer)
          listeners.delete(listener)
          resolve(body)
        }
        const listener = (topic: string, body: Record<string, unknown>) => {
          if (isSubset(topic, filter) && matches(body)) finish(body)
        }
        const timer = setTimeout(() => finish(undefined), withinMs)
        listeners.add(listener)
      }),
    isClosed: () =>
      Promise.race([closed, new Promise<false>(resolve => setTimeout(() => resolve(false), patienceMs).unref())]),
    end: async () => {
      await client.endAsync(true)
    },
  }

  const { words } = narrator
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      const by = options.username
        ? words('{who} connected as {id} (user name {name})', { who, id, name: options.username })
        : words('{who} connected as {id} (guest)', { who, id })
      narrator.note(by)
      resolve(tour)
    })
    client.once('error', error => {
      const code = 'code' in error ? Number(error.code) : Number.NaN
      client.end(true)
      if (Number.isNaN(code)) return reject(error)
      narrator.note(words('{who} refused: CONNACK {code}', { who: words(who), code }))
      return resolve(code)
    })
  })
}
