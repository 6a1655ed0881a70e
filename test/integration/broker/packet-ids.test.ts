import { generate, type Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { packetIdOf } from '../../../src/domain/mqtt-state/session-queues.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectPacket } from '../../support/packets.ts'
import { openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { enqueue, payloadsOf, retain, rowsOf } from '../../support/store-steps.ts'

const topic = 'devices/d1/event/x'
const message = (payload: string, qos: 1 | 2, retain = false) => ({ topic, payload: Buffer.from(payload), qos, retain })

/** A stored session `phone` that answers nothing by itself. */
async function connectPhone(port: number, ...subscribed: Buffer[]) {
  const client = await openTcp(port)
  const packets: Packet[] = packetsOf(client)
  client.send(connectPacket('phone', false))
  for (const packet of subscribed) client.send(packet)
  const published = () => packets.filter(packet => packet.cmd === 'publish')
  return { ...client, packets, published }
}

async function publish({ broker }: Awaited<ReturnType<typeof startBroker>>, payload: string) {
  await broker.publishRetained(topic, payload)
}

test('a retained message at QoS 2 that its reader has begun keeps its packet id for itself in the next connection', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  await retain(store, message('retained', 2, true))
  const first = await connectPhone(running.port, subscribePacket(1, topic, 2))
  await expect.poll(() => first.published().length).toBe(1)
  const [begun] = first.published()
  const messageId = begun?.messageId ?? 0
  first.send(generate({ cmd: 'pubrec', messageId }))
  await expect.poll(() => first.packets.some(({ cmd }) => cmd === 'pubrel')).toBe(true)
  first.close() // without PUBCOMP: it holds the id until PUBREL comes again
  const back = await connectPhone(running.port)
  await expect.poll(() => back.packets.length).toBeGreaterThan(0)
  await publish(running, 'other')
  await expect.poll(() => back.published().length).toBe(1)
  expect(back.published()[0]?.messageId).not.toBe(messageId)
  expect(back.packets).toContainEqual(expect.objectContaining({ cmd: 'pubrel', messageId }))
  back.close()
})

test("what is in flight is not dropped from a full queue, so its packet id is nobody else's", async () => {
  const store = openMqttStore(new Database(':memory:'), { queue: { maxMessages: 3, maxBytes: 1e9 } })
  await enqueue(store, 'phone', message('sent', 2), true)
  for (const payload of ['1', '2', '3', '4']) await enqueue(store, 'phone', message(payload, 2))
  expect(await payloadsOf(store, 'phone')).toEqual(['sent', '3', '4'])
})

test('messages that an earlier version had sent under one packet id all come, one when the one before is acknowledged', async () => {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 100, maxBytes: 1e9 } })
  await using running = await startBroker({ store })
  const first = await connectPhone(running.port, subscribePacket(1, topic, 2))
  await expect.poll(() => first.packets.length).toBe(2)
  first.close()
  for (const payload of ['a', 'b', 'c']) await enqueue(store, 'phone', message(payload, 1), true)
  sqlite.exec('update queue set message_id = 5')
  const back = await connectPhone(running.port)
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    await expect.poll(() => back.published().map(({ payload }) => String(payload))).toEqual(expected)
    back.send(generate({ cmd: 'puback', messageId: 5 }))
  }
  await expect.poll(() => rowsOf(store, 'phone')).toEqual([])
  back.close()
})

test('a live message whose packet id is in use waits, and what comes behind it does not overtake', async () => {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 100, maxBytes: 1e9 } })
  await using running = await startBroker({ store })
  const first = await connectPhone(running.port, subscribePacket(1, topic, 1))
  await expect.poll(() => first.packets.length).toBe(2)
  first.close()
  const last = await enqueue(store, 'phone', message('a', 1), true)
  const taken = packetIdOf(last + 2) // as an earlier version may have given it
  sqlite.prepare('update queue set message_id = ?').run(taken)
  const back = await connectPhone(running.port)
  const got = () => back.published().map(({ payload }) => String(payload))
  await expect.poll(got).toEqual(['a'])
  await Promise.all(['b', 'c', 'd'].map(payload => publish(running, payload))) // in one turn
  await expect.poll(got).toEqual(['a', 'b'])
  back.send(generate({ cmd: 'puback', messageId: taken }))
  await expect.poll(got).toEqual(['a', 'b', 'c', 'd'])
  back.close()
})
