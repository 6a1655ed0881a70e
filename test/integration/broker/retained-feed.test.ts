import { generate, type IPublishPacket } from 'mqtt-packet'
import { expect, test } from 'vitest'
import type { MqttStore } from '../../../src/domain/mqtt-state/mqtt-store.ts'
import { isQueueing, storeWith } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectPacket, got } from '../../support/packets.ts'
import { openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { retain } from '../../support/store-steps.ts'

const topicOf = (n: number) => `devices/d1/event/r${n}`
const live = 'devices/d1/event/live'

/** Retains so many messages at QoS 1. */
async function retainMany(store: MqttStore, messages: number): Promise<void> {
  for (let n = 0; n < messages; n++) await retain(store, { topic: topicOf(n), payload: `${n}`, qos: 1, retain: true })
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

/** Rejects the first time that it is asked for what `fails`. */
function failingOnce<Args extends unknown[], Result>(
  act: (...args: Args) => Promise<Result>,
  fails: (...args: Args) => boolean = () => true,
): (...args: Args) => Promise<Result> {
  let hasFailed = false
  return async (...args) => {
    if (hasFailed || !fails(...args)) return act(...args)
    hasFailed = true
    throw new Error('disk I/O error')
  }
}

const readingFails = ({ retained }: MqttStore) => ({ retained: { ...retained, on: failingOnce(retained.on) } })

const faults: readonly (readonly [string, (inner: MqttStore) => Partial<MqttStore>, boolean])[] = [
  [
    'topics cannot be looked up',
    ({ retained }) => ({ retained: { ...retained, topicsOf: failingOnce(retained.topicsOf) } }),
    true,
  ],
  ['a message cannot be read', readingFails, true],
  ['a message cannot be read', readingFails, false],
  [
    'a message cannot be queued',
    ({ commit }) => ({ commit: failingOnce(commit, batch => batch.some(isQueueing)) }),
    false,
  ],
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
    if (control.inner) await retainMany(control.inner, 40)
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
    await retainMany(store, 300)
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
  await retainMany(store, 300)
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
