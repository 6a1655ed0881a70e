import mqtt, { type MqttClient } from 'mqtt'
import type { Reply } from '../../src/protocol/envelope.ts'
import { topics } from '../../src/protocol/topics.ts'

/** A client that asks, of a broker that may be killed at any moment. */
export interface Asker {
  readonly mqtt: MqttClient
  /** Waits for the connection and hears replies on it; once for each start of the broker. */
  renew(): Promise<void>
  /** The reply; undefined when the connection ended before it came, and nobody knows what was done. */
  request(operation: string, body?: object): Promise<Reply | undefined>
}

/** Signs in with a token, with a clean session, and connects again as often as it must. */
export function openAsker(url: string, clientId: string, token: string): Asker {
  const client = mqtt.connect(url, {
    clientId,
    username: 'jwt',
    password: token,
    reconnectPeriod: 20,
    resubscribe: false,
    queueQoSZero: false,
  })
  const waiting = new Map<string, (reply: Reply | undefined) => void>()
  let asked = 0
  client.on('error', () => {}) // refused while the broker is away
  client.on('close', () => {
    for (const answer of waiting.values()) answer(undefined)
    waiting.clear()
  })
  client.on('message', (topic, payload) => {
    if (!topic.startsWith('reply/')) return
    const reply: Reply = JSON.parse(`${payload}`)
    waiting.get(reply.id ?? '')?.(reply)
    waiting.delete(reply.id ?? '')
  })
  return {
    mqtt: client,
    async renew() {
      await connected(client)
      await client.subscribeAsync(topics.replies(clientId), { qos: 1 })
    },
    request(operation, body = {}) {
      if (!client.connected) return Promise.resolve(undefined)
      const id = `${++asked}`
      return new Promise(resolve => {
        waiting.set(id, resolve)
        client.publish(topics.request(clientId, operation), JSON.stringify({ id, ...body }))
      })
    },
  }
}

/** Resolves when the client is connected, at once when it is. */
export async function connected(client: MqttClient): Promise<void> {
  if (!client.connected) await new Promise<void>(resolve => client.once('connect', () => resolve()))
}
