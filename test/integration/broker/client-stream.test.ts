import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { storeWithGate } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { subscriptionsOf } from '../../support/store-steps.ts'

const asUser = { username: 'jwt', password: 'x' }
const filter = 'devices/d1/event/x'

/** A store whose SUBSCRIBE of {@link filter} waits for the gate. */
const storeWithGatedSubscribe = () =>
  storeWithGate(write => write.kind === 'subscribed' && write.subscriptions.some(({ topic }) => topic === filter))

test('whatever came in one chunk with CONNECT is handled after it, however much', async () => {
  await using running = await startBroker()
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  const connect = connectPacket('eager', true)
  raw.send(Buffer.concat([connect, ...Array.from({ length: 150 }, () => generate({ cmd: 'pingreq' }))]))
  await expect.poll(() => packets.length).toBe(151)
  expect(packets[0]).toMatchObject({ cmd: 'connack', returnCode: 0 })
  raw.close()
})

test('what comes while a SUBSCRIBE waits for the store is handled after it', async () => {
  const { store, open, asked } = storeWithGatedSubscribe()
  await using running = await startBroker({ store })
  const raw = await connectRaw('tcp', running.port, { clientId: 'c', clean: false, ...asUser })
  const packets = packetsOf(raw)
  raw.send(subscribePacket(1, filter, 1))
  await asked
  raw.send(generate({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] }))
  await using other = await connectClient(running.url, { clientId: 'other' })
  expect(other.mqtt.connected).toBe(true)
  open()
  await expect.poll(() => packets.map(({ cmd }) => cmd)).toEqual(['suback', 'unsuback'])
  expect(await subscriptionsOf(store, 'c')).toEqual([])
  raw.close()
})

test('what comes while a SUBSCRIBE waits for the store is left with the sender, but for a little', async () => {
  const { store, open, asked } = storeWithGatedSubscribe()
  await using running = await startBroker({ store })
  const raw = await connectRaw('tcp', running.port, { clientId: 'c', clean: false, ...asUser })
  const packets = packetsOf(raw)
  raw.send(subscribePacket(1, filter, 1))
  await asked
  const publish = generate({
    cmd: 'publish',
    topic: 'a',
    payload: 'x'.repeat(60_000),
    qos: 0,
    dup: false,
    retain: false,
  })
  for (let i = 0; i < 15; i++) raw.send(publish)
  for (let i = 0; i < 200; i++) raw.send(generate({ cmd: 'pingreq' }))
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  for (let i = 0; i < 50; i++) await device.subscribe('devices/d1/set')
  expect(running.sockets[0]?.bytesRead).toBeLessThan(300_000)
  open()
  await expect.poll(() => packets.filter(({ cmd }) => cmd === 'pingresp').length).toBe(200)
  raw.close()
})

test('a peer that reads nothing cannot keep its closed connection open', async () => {
  await using running = await startBroker()
  const stuck = await connectRaw('tcp', running.port, { clientId: 'stuck', ...asUser })
  await exchange(stuck, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 0 }] })
  stuck.stopReading()
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  const [socket] = running.sockets
  if (!socket) throw new Error('no socket')
  while (socket.writableLength === 0) {
    for (let i = 0; i < 20; i++) device.mqtt.publish(filter, 'x'.repeat(60_000))
    await device.mqtt.publishAsync('devices/d1/ack', '{}', { qos: 1 })
  }
  const closed = once(socket, 'close')
  await running.broker.disconnectAll()
  await closed
})
