import { generate, type IPublishPacket } from 'mqtt-packet'
import { expect, test } from 'vitest'
import type { MqttStore } from '../../../src/domain/mqtt-store.ts'
import { storeWith } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { connectPacket, got } from '../../support/packets.ts'
import { openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const topicOf = (n: number) => `devices/d1/event/r${n}`
const live = 'devices/d1/event/live'

/** Retains so many messages at QoS 1. */
async function retain(store: MqttStore, messages: number): Promise<void> {
  for (let n = 0; n < messages; n++)
    await store.whenKept(() => store.storeRetained({ topic: topicOf(n), payload: `${n}`, qos: 1, retain: true }))
}

/** A session `reader` that acknowledges at QoS 1 what it is told to, or everything at once. */
async function connectReader(port: number, { clean, acknowledges }: { clean: boolean; acknowledges: boolean }) {
  const client = await openTcp(port)
  const packets = packetsOf(client)
  const messages: IPublishPacket[] = []
  let seen = 0
  let acknowledged = 0
  const acknowledge = (count: number) => {
    for (const { messageId, qos } of messages.slice(acknowledged, acknowledged + count)) {
      acknowledged++
      if (qos > 0) client.send(generate({ cmd: 'puback', messageId: messageId ?? 0 }))
    }
  }
  client.onBytes(() => {
    for (; seen < packets.length; seen++) {
      const packet = packets[seen]
      if (packet?.cmd === 'publish') messages.push(packet)
    }
    if (acknowledges) acknowledge(messages.length)
  })
  client.send(connectPacket('reader', clean))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  return {
    ...client,
    messages,
    acknowledge,
    async subscribe(filter: string, qos: 0 | 1) {
      client.send(subscribePacket(1, filter, qos))
      await expect.poll(got(packets, 'suback')).toBeDefined()
    },
    topics: () => new Set(messages.map(({ topic }) => topic)),
  }
}

/** Throws the first time. */
function failingOnce<Args extends unknown[], Result>(act: (...args: Args) => Result): (...args: Args) => Result {
  let hasFailed = false
  return (...args) => {
    if (hasFailed) return act(...args)
    hasFailed = true
    throw new Error('disk I/O error')
  }
}

/** Undoes the turn in which the first message is queued. */
function undoneOnce(inner: MqttStore): Partial<MqttStore> {
  let isArmed = true
  const failing = () =>
    inner.storeRetained({ topic: 'a', payload: 'x', qos: 1, retain: true }, Symbol('no text') as never)
  return {
    queues: {
      ...inner.queues,
      add(...args) {
        if (isArmed) process.nextTick(() => expect(failing).toThrow())
        isArmed = false
        return inner.queues.add(...args)
      },
    },
  }
}

const faults: readonly (readonly [string, (inner: MqttStore) => Partial<MqttStore>, boolean])[] = [
  ['topics cannot be looked up', inner => ({ retainedTopics: failingOnce(inner.retainedTopics) }), true],
  ['a message cannot be read', inner => ({ retainedOn: failingOnce(inner.retainedOn) }), true],
  ['a message cannot be read', inner => ({ retainedOn: failingOnce(inner.retainedOn) }), false],
  ['a message cannot be queued', inner => ({ queues: { ...inner.queues, add: failingOnce(inner.queues.add) } }), false],
  ['what was queued is undone', undoneOnce, false],
]

test.each(faults)(
  'who subscribes while %s gets all that is retained all the same (%#)',
  async (_name, change, clean) => {
    const control = { inner: undefined as MqttStore | undefined }
    const store = storeWith(inner => {
      control.inner = inner
      return change(inner)
    })
    await using running = await startBroker({ store })
    if (control.inner) await retain(control.inner, 40)
    const reader = await connectReader(running.port, { clean, acknowledges: true })
    await reader.subscribe('devices/d1/event/+', 1)
    await expect.poll(() => reader.topics().size, { timeout: 5000 }).toBe(40)
    expect(reader.messages.every(message => message.retain && message.qos === 1)).toBe(true)
    expect(running.faults).toEqual(['store retained'])
    reader.close()
  },
)

test.each([true, false])(
  'messages that never end and what is retained both come to a reader who is slower than either (clean: %s)',
  async clean => {
    const store = createMemoryStore()
    await using running = await startBroker({ store })
    await retain(store, 300)
    const reader = await connectReader(running.port, { clean, acknowledges: false })
    await reader.subscribe(live, 1)
    const publish = () => running.broker.publishRetained(live, 'x')
    for (let n = 0; n < 300; n++) await publish()
    await expect.poll(() => reader.messages.length).toBe(100) // the window is full, and more waits
    await reader.subscribe('devices/d1/event/+', 1)
    for (let n = 0; n < 200; n++) {
      const before = reader.messages.length
      reader.acknowledge(1)
      await publish()
      await expect.poll(() => reader.messages.length, { interval: 1 }).toBeGreaterThan(before)
    }
    const later = reader.messages.slice(100)
    const retained = later.filter(message => message.retain && message.topic !== live)
    expect(retained.length).toBeGreaterThan(later.length / 3)
    expect(later.length - retained.length).toBeGreaterThan(later.length / 3)
    reader.close()
  },
)

test('what is retained waits for a queue that is more than half full, but not for ever', async () => {
  const store = createMemoryStore(400)
  await using running = await startBroker({ store })
  await retain(store, 300)
  const reader = await connectReader(running.port, { clean: false, acknowledges: false })
  await reader.subscribe(live, 1)
  for (let n = 0; n < 390; n++) await running.broker.publishRetained(live, 'x')
  await reader.subscribe('devices/d1/event/+', 1)
  for (let n = 0; n < 160; n++) {
    const before = reader.messages.length
    reader.acknowledge(1)
    await running.broker.publishRetained(live, 'x')
    await expect.poll(() => reader.messages.length, { interval: 1 }).toBeGreaterThan(before)
  }
  const retained = reader.messages.filter(message => message.retain && message.topic !== live).length
  expect(retained).toBeGreaterThan(5)
  expect(retained).toBeLessThan(20)
  reader.close()
})
