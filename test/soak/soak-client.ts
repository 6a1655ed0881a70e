import mqtt, { type IClientOptions, type MqttClient, Store } from 'mqtt'
import { topics } from '../../src/protocol/topics.ts'
import { expectationOf, type Flow, flowName, type Interest, parseMessage, payloadOf } from './flows.ts'
import type { Ledger } from './ledger.ts'

/** Told, in a sentence that begins with a kind and a colon, of whatever should not be. */
export type OnComplaint = (complaint: string) => void

/** A client of the fleet: mqtt.js, which connects again by itself and sends again what was not acknowledged. */
export interface SoakClient {
  readonly id: string
  /** Connected, with everything from before sent again. */
  readonly isReady: boolean
  /** Comes with this token from the next connection on. */
  renew(token: string): void
  /** Sends the next message of a flow; resolves when it is acknowledged. Nothing happens while the client is not ready. */
  publish(flow: Flow): Promise<void>
  /** Subscribes, and follows those flows in the ledger. */
  subscribe(interest: Interest): Promise<void>
  /** Waits for what is owed, and unsubscribes. */
  unsubscribe(interest: Interest): Promise<void>
  /** Resolves with the code and data of the reply. */
  request(operation: string, body?: object): Promise<{ code: number; data: unknown }>
  /** Cuts the connection, as a network that fails does. It comes back by itself. */
  cut(): void
  /** Says DISCONNECT when what it sent is acknowledged, stays away, and comes back. */
  leave(awayMs: number): Promise<void>
  end(): Promise<void>
}

/** Longest time for anything that a client waits for. */
const patienceMs = 60_000

/** Connects. What it receives goes into the ledger; whatever should not be is a complaint. */
export async function openSoakClient(parts: {
  readonly url: string
  readonly options: IClientOptions & { readonly clientId: string; readonly clean: boolean }
  readonly ledger: Ledger
  readonly onComplaint: OnComplaint
}): Promise<SoakClient> {
  const { url, options, ledger, onComplaint } = parts
  const { clientId: id, clean } = options
  const stores = { incomingStore: new Store({ clean: false }), outgoingStore: new Store({ clean: false }) }
  const client = mqtt.connect(url, {
    reconnectPeriod: 50,
    resubscribe: clean,
    protocolVersion: 4,
    ...stores,
    ...options,
  })
  const replies = new Map<string, (reply: { code: number; data: unknown }) => void>()
  let isReady = false
  /** Cut or left by itself. */
  let isGoing = false
  let requests = 0
  client.on('connect', () => {
    isReady = true
    isGoing = false
  })
  client.on('close', () => {
    isReady = false
    if (!isGoing) onComplaint(`closed: ${id}, by the broker`)
  })
  client.on('error', error => {
    if (isRefusal(error)) onComplaint(`refused: ${id} ${error.message}`)
  })
  client.on('message', (topic, payload, { retain }) => {
    if (topic.startsWith(topics.replies(id).slice(0, -1))) {
      const { id: request, ...reply } = JSON.parse(`${payload}`)
      replies.get(request)?.(reply)
    } else if (topic.startsWith(topics.notifications(id).slice(0, -1))) noticed(topic, `${payload}`)
    else if (!retain) arrived(topic, `${payload}`)
  })

  function noticed(topic: string, payload: string): void {
    if (topic.endsWith('/denied')) onComplaint(`denied: ${id} ${payload}`)
  }

  function arrived(topic: string, payload: string): void {
    const message = parseMessage(topic, payload)
    const complaint = message ? ledger.received(id, message.flow, message.n) : `strays: ${id} received ${topic}`
    if (complaint !== undefined) onComplaint(complaint)
  }

  const ready = () => until(client, () => isReady)

  await ready()
  return {
    id,
    get isReady() {
      return isReady
    },
    renew(token) {
      client.options.password = token
    },
    async publish(flow) {
      if (!isReady) return
      const n = ledger.begin(flowName(flow))
      await client.publishAsync(flow.topic, payloadOf(flow, n), { qos: flow.qos })
      ledger.acknowledged(flowName(flow), n)
    },
    async subscribe(interest) {
      const { filter, qos, flows } = interest
      await ready()
      for (const flow of flows) ledger.subscribing(id, flowName(flow), expectationOf(flow, interest, clean))
      const [granted] = await client.subscribeAsync(filter, { qos })
      if (granted?.qos !== qos) onComplaint(`refused: ${id} subscribes ${filter}`)
      for (const flow of flows) ledger.granted(id, flowName(flow))
    },
    async unsubscribe({ filter, flows }) {
      for (const flow of flows) ledger.releasing(id, flowName(flow))
      await until(client, () => ledger.missingOf(id) === 0, false)
      const missing = ledger.missingOf(id)
      if (missing > 0) onComplaint(`lost: ${id} waits for ${missing} messages of ${filter}`)
      await ready()
      await client.unsubscribeAsync(filter)
      for (const flow of flows) ledger.released(id, flowName(flow))
    },
    async request(operation, body = {}) {
      await ready()
      const request = `r${++requests}`
      const replied = new Promise<{ code: number; data: unknown }>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${id} had no reply to ${operation}`)), patienceMs)
        replies.set(request, reply => {
          clearTimeout(timer)
          resolve(reply)
        })
      })
      client.publish(topics.request(id, operation), JSON.stringify({ id: request, ...body }), { qos: 1 })
      return replied.finally(() => replies.delete(request))
    },
    cut() {
      isGoing = true
      client.stream.destroy()
    },
    async leave(awayMs) {
      await ready()
      isReady = false
      isGoing = true
      await client.endAsync(false)
      await elapse(awayMs)
      client.reconnect(stores)
      await ready()
    },
    async end() {
      isReady = false
      isGoing = true
      await client.endAsync(false)
    },
  }
}

/** CONNACK with anything but 0, or nobody there; not what is written into a connection that was just cut. */
const isRefusal = (error: Error): boolean =>
  'code' in error && (typeof error.code === 'number' || error.code === 'ECONNREFUSED')

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Waits for what a client does by itself. Rejects when it takes too long, unless not `must`. */
async function until({ options }: MqttClient, isSo: () => boolean, must = true): Promise<void> {
  const endsAt = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > endsAt && must) throw new Error(`${options.clientId} is not connected`)
    if (performance.now() > endsAt) return
    await elapse(20)
  }
}
