import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectAnsweringReader } from '../../support/answering-reader.ts'
import { createGate } from '../../support/gate.ts'
import { isQueueing, storeFailing, storeWith } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, user } from '../../support/packets.ts'
import { subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { enqueue, payloadsOf } from '../../support/store-steps.ts'

const topic = 'devices/d1/event/x'

function openFillable() {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 1000, maxBytes: 1e9 } })
  const pages = () => Number(sqlite.pragma('page_count', { simple: true }))
  return {
    store,
    /** SQLITE_FULL, when so many pages more are written. */
    fillUpTo: (morePages: number) => void sqlite.pragma(`max_page_count = ${pages() + morePages}`),
    empty: () => void sqlite.pragma('max_page_count = 1000000'),
  }
}

test('a reader is sent on when a turn was undone that had filled its window', async () => {
  const { store, fillUpTo, empty } = openFillable()
  await using running = await startBroker({ store })
  using reader = await connectAnsweringReader(running.port, { clientId: 'phone', ...user })
  reader.client.send(subscribePacket(1, topic, 1))
  await expect.poll(() => reader.packets.length).toBe(1)
  fillUpTo(30)
  const one = Buffer.alloc(900, 'x').toString()
  const published = Array.from({ length: 150 }, () => running.broker.publishRetained(topic, one))
  const outcomes = await Promise.allSettled(published)
  expect(outcomes[0]?.status).toBe('rejected')
  empty()
  await running.broker.publishRetained(topic, 'after')
  await expect.poll(() => reader.messages().map(({ payload }) => String(payload))).toContain('after')
})

test('a clean session at QoS 2 is not sent what could not be kept, and gets it once when it is sent again', async () => {
  const { store, fillUpTo, empty } = openFillable()
  await using running = await startBroker({ store })
  await using away = await connectClient(running.url, { clientId: 'away', clean: false, ...user })
  await away.subscribe(topic, 2)
  await using reader = await connectClient(running.url, { clientId: 'reader', ...user })
  await reader.subscribe(topic, 2)
  const payload = 'x'.repeat(60_000)
  fillUpTo(2)
  const device = await connectClient(running.url, asDevice)
  device.mqtt.publish(topic, payload, { qos: 2 })
  await device.closed()
  empty()
  await using again = await connectClient(running.url, asDevice)
  await again.mqtt.publishAsync(topic, payload, { qos: 2 })
  await again.mqtt.publishAsync(topic, 'last', { qos: 2 })
  await expect.poll(() => reader.received.map(one => one.payload.length)).toEqual([60_000, 4])
})

test('what was read from a queue, and could not be noted as sent, is read and sent again', async () => {
  const { store, control } = storeFailing(({ kind }) => kind === 'sent', 0)
  await using running = await startBroker({ store })
  const phone = { clientId: 'phone', ...user }
  const first = await connectAnsweringReader(running.port, phone)
  first.client.send(subscribePacket(1, topic, 1))
  await expect.poll(() => first.packets.length).toBe(1)
  first.client.close()
  for (const text of ['a', 'b', 'c'])
    await enqueue(store, phone.clientId, { topic, payload: Buffer.from(text), qos: 1, retain: false })
  control.left = 1
  using again = await connectAnsweringReader(running.port, phone)
  await expect.poll(() => again.messages().map(({ payload }) => String(payload))).toEqual(['a', 'b', 'c'])
  expect([control.left, running.faults]).toEqual([0, ['queue']])
  await expect.poll(() => payloadsOf(store, phone.clientId)).toEqual([])
})

/** The broker has taken what was sent before, when somebody else has come and gone. */
async function comeAndGo(url: string): Promise<void> {
  const other = await connectClient(url, { clientId: 'other', ...user })
  await other[Symbol.asyncDispose]()
}

test.each(['before', 'after'] as const)(
  'a message that is kept %s its queue is found empty, by a reading that began before, is sent',
  async kept => {
    const [read, reading, commit] = [createGate(), createGate(), createGate()]
    let isHeld = false
    const store = storeWith(inner => ({
      async commit(batch) {
        if (kept === 'after' && batch.some(isQueueing)) await commit.opened
        return inner.commit(batch)
      },
      queues: {
        ...inner.queues,
        async page(...asked) {
          const found = await inner.queues.page(...asked)
          if (!isHeld) return found
          read.open()
          await reading.opened
          return found
        },
      },
    }))
    await using running = await startBroker({ store })
    const phone = { clientId: 'phone', ...user }
    const first = await connectAnsweringReader(running.port, phone)
    first.client.send(subscribePacket(1, topic, 1))
    await expect.poll(() => first.packets.length).toBe(1)
    first.client.close()
    isHeld = true
    using reader = await connectAnsweringReader(running.port, phone)
    await read.opened
    await using device = await connectClient(running.url, asDevice)
    const published = device.mqtt.publishAsync(topic, 'x', { qos: 1 })
    if (kept === 'before') await published
    else await comeAndGo(running.url)
    isHeld = false
    reading.open()
    await comeAndGo(running.url)
    commit.open()
    await expect.poll(() => reader.messages().map(({ payload }) => String(payload))).toEqual(['x'])
  },
)
