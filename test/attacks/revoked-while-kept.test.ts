import { expect, test } from 'vitest'
import type { Message } from '../../src/domain/message.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import type { Write } from '../../src/domain/mqtt-state/write.ts'
import { createGate } from '../support/gate.ts'
import { storeWith } from '../support/gated-store.ts'
import { asDevice, payloads, publishPacket, user } from '../support/packets.ts'
import { connectRaw, exchange, packetsOf, type RawClient } from '../support/raw-client.ts'
import { ownerOfD1, startBroker } from '../support/start-broker.ts'
import { enqueue, payloadsOf, retain } from '../support/store-steps.ts'

const topic = 'devices/d1/event/x'
const topicOfOther = 'devices/d2/event/x'
const phone = { clientId: 'phone', ...user, clean: false }
const message: Message = { topic, payload: Buffer.from('private'), qos: 1, retain: false }

/** A store in memory that keeps such writes and, from `hold` on, does not say so before `letGo`. */
function storeHolding(isHeld: (write: Write) => boolean) {
  const [held, gate] = [createGate(), createGate()]
  let isHolding = false
  const store = storeWith(({ commit }) => ({
    async commit(batch) {
      const outcomes = await commit(batch)
      if (isHolding && batch.some(isHeld)) {
        held.open()
        await gate.opened
      }
      return outcomes
    },
  }))
  const hold = () => {
    isHolding = true
  }
  return { store, hold, held: held.opened, letGo: gate.open }
}

/** Its user has the devices `d1` and `d2`. */
const start = (store: MqttStore) =>
  startBroker({
    store,
    authenticator: {
      authenticate: async ({ username, clientId }) => {
        const grants = new Map([['d1', 'owner'] as const, ['d2', 'owner'] as const])
        return username === user.username ? ownerOfD1(grants) : { kind: 'device', deviceId: clientId, type: 'lamp' }
      },
    },
  })

async function subscribe(client: RawClient, ...filters: string[]): Promise<void> {
  const subscriptions = filters.map(filter => ({ topic: filter, qos: 1 as const }))
  await exchange(client, { cmd: 'subscribe', messageId: 1, subscriptions })
}

const publish = async (port: number, clientId: string, payload: string, times = 1) => {
  const device = await connectRaw('tcp', port, { ...asDevice, clientId })
  const packets = Array.from({ length: times }, (_, n) => publishPacket(`devices/${clientId}/event/x`, payload, n + 1))
  device.send(Buffer.concat(packets))
  return device
}

/** What may be on its way to a reader. */
const windowMessages = 100

test('messages that are being kept when a right to them ends are not delivered, stand in no queue, and keep nothing back', async () => {
  const { store, hold, held, letGo } = storeHolding(({ kind }) => kind === 'message')
  await using running = await start(store)
  const reader = await connectRaw('tcp', running.port, phone)
  await subscribe(reader, topic, topicOfOther)
  const packets = packetsOf(reader)
  hold()
  const device = await publish(running.port, 'd1', 'private', windowMessages)
  await held
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  letGo()
  const other = await publish(running.port, 'd2', 'last')
  await expect.poll(() => payloads(packets, topicOfOther)).toEqual(['last'])
  expect(payloads(packets, topic)).toEqual([])
  await expect.poll(() => payloadsOf(store, phone.clientId)).toEqual(['last'])
  for (const client of [reader, device, other]) client.close()
})

test('a message that is read from a queue when the right to it ends is not delivered, and leaves the queue', async () => {
  const { store, hold, held, letGo } = storeHolding(({ kind }) => kind === 'sent')
  await using running = await start(store)
  const first = await connectRaw('tcp', running.port, phone)
  await subscribe(first, topic, topicOfOther)
  first.close()
  await enqueue(store, phone.clientId, message)
  await enqueue(store, phone.clientId, { ...message, topic: topicOfOther, payload: Buffer.from('last') })
  hold()
  const reader = await connectRaw('tcp', running.port, phone)
  const packets = packetsOf(reader)
  await held
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  letGo()
  await expect.poll(() => payloads(packets, topicOfOther)).toEqual(['last'])
  expect(payloads(packets, topic)).toEqual([])
  await expect.poll(() => payloadsOf(store, phone.clientId)).toEqual(['last'])
  reader.close()
})

test('what is retained, and is being kept for a reader when a right to it ends, is not delivered', async () => {
  const { store, hold, held, letGo } = storeHolding(({ kind }) => kind === 'message')
  await using running = await start(store)
  await retain(store, { ...message, retain: true })
  const reader = await connectRaw('tcp', running.port, phone)
  hold()
  await subscribe(reader, topic, topicOfOther)
  const packets = packetsOf(reader)
  await held
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  letGo()
  const other = await publish(running.port, 'd2', 'last')
  await expect.poll(() => payloads(packets, topicOfOther)).toEqual(['last'])
  expect(payloads(packets, topic)).toEqual([])
  for (const client of [reader, other]) client.close()
})

test('a session whose token is revoked while its queue is being read keeps the queue for its owner, who may come back', async () => {
  const [asked, gate] = [createGate(), createGate()]
  let isHolding = false
  const store = storeWith(({ queues }) => ({
    queues: {
      ...queues,
      async page(...page) {
        const found = await queues.page(...page)
        if (isHolding) {
          asked.open()
          await gate.opened
        }
        return found
      },
    },
  }))
  await using running = await start(store)
  const first = await connectRaw('tcp', running.port, phone)
  await subscribe(first, topic)
  first.close()
  await enqueue(store, phone.clientId, message)
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, n) => connectRaw('tcp', running.port, { clientId: `other-${n}`, ...user })),
  )
  isHolding = true
  const reader = await connectRaw('tcp', running.port, phone)
  await asked.opened
  void running.orders.give('token-revoked', { tokenId: 't', reason: 'logged-out' })
  gate.open()
  await reader.closed
  expect(await payloadsOf(store, phone.clientId)).toEqual(['private'])
  for (const client of many) client.close()
})

test('a session whose token is revoked while what is retained is read is sent it in the next connection of its owner', async () => {
  const [asked, gate] = [createGate(), createGate()]
  const store = storeWith(({ retained }) => ({
    retained: {
      ...retained,
      async on(topics) {
        const found = await retained.on(topics)
        asked.open()
        await gate.opened
        return found
      },
    },
  }))
  await using running = await start(store)
  await retain(store, { ...message, retain: true })
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, n) => connectRaw('tcp', running.port, { clientId: `other-${n}`, ...user })),
  )
  const reader = await connectRaw('tcp', running.port, phone)
  await subscribe(reader, topic)
  await asked.opened
  void running.orders.give('token-revoked', { tokenId: 't', reason: 'logged-out' })
  gate.open()
  await reader.closed
  const back = await connectRaw('tcp', running.port, phone)
  const packets = packetsOf(back)
  await expect.poll(() => payloads(packets, topic)).toEqual(['private'])
  for (const client of [...many, back]) client.close()
})
