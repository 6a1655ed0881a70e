import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, publishPacket, user } from '../../support/packets.ts'
import { connectRaw, exchange } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const event = 'devices/d1/event/x'

test.each([
  [0, undefined],
  [1, 1],
])('what a slowed device sent at QoS %i before it left arrives all the same', async (_qos, id) => {
  await using running = await startBroker({ limits: { messagesPerSecond: 100 } })
  await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
  await owner.subscribe(event, 1)
  const device = await connectRaw('tcp', running.port, asDevice)
  const count = 150
  const packets = Array.from({ length: count }, (_, i) => publishPacket(event, String(i), id && i + 1))
  device.send(Buffer.concat([...packets, generate({ cmd: 'disconnect' })]))
  device.end()
  await device.closed
  await expect.poll(() => owner.received.length).toBe(count)
})

test('a slowed device that leaves properly is heard saying so: its will is not sent', async () => {
  await using running = await startBroker({ limits: { messagesPerSecond: 100 } })
  const left = new Promise<string>(resolve => {
    running.events.on('session-closed', ({ clientId, reason }) => clientId === 'd1' && resolve(reason))
  })
  await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
  await owner.subscribe('devices/d1/event/+', 1)
  const will = { topic: 'devices/d1/event/gone', payload: Buffer.alloc(0), qos: 1, retain: false } as const
  await using device = await connectClient(running.url, { ...asDevice, will })
  for (let i = 0; i < 150; i++) device.mqtt.publish(event, String(i))
  await device.mqtt.endAsync()
  expect(await left).toBe('disconnected')
  await using again = await connectClient(running.url, asDevice)
  await again.mqtt.publishAsync(event, 'again', { qos: 1 })
  await expect.poll(() => owner.received.at(-1)?.payload.toString()).toBe('again')
  expect(owner.received.map(({ topic }) => topic)).toEqual(Array.from({ length: 151 }, () => event))
})

test('nothing passes behind what closed the session, in the same chunk', async () => {
  await using running = await startBroker({ limits: { maxEventBytes: 10 } })
  await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
  await owner.subscribe(event, 1)
  const device = await connectRaw('tcp', running.port, asDevice)
  await exchange(device, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/set', qos: 0 }] })
  const tooLarge = publishPacket(event, 'x'.repeat(11))
  device.send(Buffer.concat([...Array.from({ length: 20 }, () => tooLarge), publishPacket(event, 'late')]))
  await device.closed
  await using other = await connectClient(running.url, asDevice)
  await other.mqtt.publishAsync(event, 'next', { qos: 1 })
  await expect.poll(() => owner.received.map(({ payload }) => String(payload))).toEqual(['next'])
})
