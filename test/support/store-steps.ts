import type { Message } from '../../src/domain/message.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'

const everything = { maxMessages: 1_000_000, maxBytes: 1e12 }

/** Puts a message into the queue of one session; its number there. */
export async function enqueue(store: MqttStore, clientId: string, message: Message, isSent = false): Promise<number> {
  const recipients = [{ clientId, qos: message.qos === 2 ? 2 : 1, isSent } as const]
  const [outcome] = await store.commit([{ kind: 'message', queued: [{ message, recipients, waiting: [] }] }])
  return outcome?.given[0]?.numbers[0] ?? Number.NaN
}

export const retain = (store: MqttStore, message: Message, owner?: string) =>
  store.commit([{ kind: 'message', retained: { message, owner } }])

export const rowsOf = async (store: MqttStore, clientId: string) =>
  (await store.queues.page(clientId, 0, everything)).rows

/** What is queued for a session, as text. */
export const payloadsOf = async (store: MqttStore, clientId: string) =>
  (await rowsOf(store, clientId)).map(({ message }) => `${message?.payload}`)

export const retainedOn = async (store: MqttStore, topic: string): Promise<Message | undefined> =>
  (await store.retained.on([topic]))[0]

export const sessionOf = async (store: MqttStore, clientId: string) =>
  (await store.sessions.all()).find(session => session.clientId === clientId)

/** What a session that is kept has subscribed, as it is stored. */
export const subscriptionsOf = async (store: MqttStore, clientId: string) =>
  (await sessionOf(store, clientId))?.subscriptions ?? []
