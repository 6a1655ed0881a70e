import { generate, type IPublishPacket } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../support/in-memory.ts'
import { asDevice, connectPacket, got } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { retain } from '../../support/store-steps.ts'

test('a stored session is not sent again, over the same connection, what it has acknowledged', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  for (let n = 0; n < 120; n++)
    await retain(store, { topic: `devices/d1/event/r${n}`, payload: `r${n}`, qos: 1, retain: true })
  const reader = await openTcp(running.port)
  const packets = packetsOf(reader)
  const messages = () => packets.filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
  reader.send(connectPacket('reader', false))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  reader.send(subscribePacket(1, 'devices/d1/event/#', 1))
  await expect.poll(() => messages().length).toBe(100)
  const device = await connectRaw('tcp', running.port, asDevice)
  await exchange(device, {
    cmd: 'publish',
    topic: 'devices/d1/event/live',
    payload: 'l',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  })
  for (let acknowledged = 0; acknowledged < messages().length; acknowledged++) {
    reader.send(generate({ cmd: 'puback', messageId: messages()[acknowledged]?.messageId ?? 0 }))
    if (acknowledged < 10) await new Promise(resolve => setTimeout(resolve, 10))
    if (acknowledged >= 100) await new Promise(resolve => setTimeout(resolve, 10))
  }
  await expect.poll(() => new Set(messages().map(({ payload }) => String(payload))).size).toBe(121)
  const counts = new Map<string, number>()
  for (const { payload } of messages()) counts.set(String(payload), (counts.get(String(payload)) ?? 0) + 1)
  expect([...counts].filter(([, count]) => count > 1)).toEqual([])
  reader.close()
  device.close()
})
