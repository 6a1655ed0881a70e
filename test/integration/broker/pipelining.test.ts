import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { storeWithGate } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import {
  asDevice,
  connectPacket,
  got,
  payloads,
  publishPacket,
  unsubscribePacket,
  user,
} from '../../support/packets.ts'
import { connectRaw, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

test('CONNECT and SUBSCRIBE in one chunk: a followed filter is granted', async () => {
  await using running = await startBroker()
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(Buffer.concat([connectPacket('c', true), subscribePacket(1, 'devices/+/event/x', 1)]))
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  raw.close()
})

test('CONNECT and SUBSCRIBE in one chunk: a stored session keeps the filter', async () => {
  await using running = await startBroker()
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(Buffer.concat([connectPacket('c', false), subscribePacket(1, 'devices/d1/event/x', 1)]))
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  await using device = await connectClient(running.url, asDevice)
  await device.mqtt.publishAsync('devices/d1/event/x', 'hello', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toEqual(['hello'])
  const ended = once(running.events, 'session-closed')
  raw.close()
  await ended
  await device.mqtt.publishAsync('devices/d1/event/x', 'kept', { qos: 1 })
  await using back = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  expect((await back.message('devices/d1/event/x', ({ payload }) => payload === 'kept')).payload).toBe('kept')
})

test('CONNECT, SUBSCRIBE and UNSUBSCRIBE in one chunk are done in order', async () => {
  await using running = await startBroker()
  await using device = await connectClient(running.url, asDevice)
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(
    Buffer.concat([
      connectPacket('c', false),
      subscribePacket(1, 'devices/d1/event/x', 1),
      unsubscribePacket(2, 'devices/d1/event/x'),
    ]),
  )
  await expect.poll(got(packets, 'suback', 1)).toBeTruthy()
  await expect.poll(got(packets, 'unsuback', 2)).toBeTruthy()
  expect(packets.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'unsuback'])
  await device.mqtt.publishAsync('devices/d1/event/x', 'unwanted', { qos: 1 })
  raw.send(generate({ cmd: 'pingreq' }))
  await expect.poll(got(packets, 'pingresp')).toBeTruthy()
  expect(payloads(packets, 'devices/d1/event/x')).toEqual([])
  raw.close()
})

test('UNSUBSCRIBE is done before the SUBSCRIBE behind it, though a PUBLISH before them is done in between', async () => {
  const { store, open, asked } = storeWithGate(({ kind }) => kind === 'unsubscribed')
  await using running = await startBroker({ store })
  await using device = await connectClient(running.url, asDevice)
  const raw = await connectRaw('tcp', running.port, { clientId: 'c', ...user, clean: false })
  const packets = packetsOf(raw)
  const filter = 'devices/d1/event/x'
  raw.send(subscribePacket(1, filter, 1))
  await expect.poll(got(packets, 'suback', 1)).toBeTruthy()
  await device.subscribe('devices/d1/invoke/slow')
  raw.send(
    Buffer.concat([
      publishPacket('devices/d1/invoke/slow', '{}', 2),
      unsubscribePacket(3, filter),
      subscribePacket(4, filter, 1),
    ]),
  )
  await asked
  const overtaken = await expect
    .poll(got(packets, 'suback', 4), { timeout: 500 })
    .toBeTruthy()
    .then(
      () => true,
      () => false,
    )
  open()
  await expect.poll(got(packets, 'unsuback', 3)).toBeTruthy()
  await expect.poll(got(packets, 'suback', 4)).toBeTruthy()
  expect(overtaken).toBe(false)
  await device.mqtt.publishAsync(filter, 'hello', { qos: 1 })
  await expect.poll(() => payloads(packets, filter)).toEqual(['hello'])
  raw.close()
})

test.each([true, false])(
  'UNSUBSCRIBE of a followed filter and SUBSCRIBE of what it stood for in one chunk leave it subscribed (clean %s)',
  async clean => {
    await using running = await startBroker()
    await using device = await connectClient(running.url, asDevice)
    const raw = await connectRaw('tcp', running.port, { clientId: 'c', ...user, clean })
    const packets = packetsOf(raw)
    raw.send(subscribePacket(1, 'devices/+/event/x', 1))
    await expect.poll(got(packets, 'suback', 1)).toBeTruthy()
    await device.mqtt.publishAsync('devices/d1/event/x', 'first', { qos: 1 })
    await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toEqual(['first'])
    raw.send(Buffer.concat([unsubscribePacket(2, 'devices/+/event/x'), subscribePacket(3, 'devices/d1/event/x', 1)]))
    await expect.poll(got(packets, 'suback', 3)).toMatchObject({ granted: [1] })
    raw.send(generate({ cmd: 'pingreq' }))
    await expect.poll(got(packets, 'pingresp')).toBeTruthy()
    await device.mqtt.publishAsync('devices/d1/event/x', 'second', { qos: 1 })
    await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toEqual(['first', 'second'])
    raw.close()
  },
)

test.each([0, 1])('a request at QoS %s, a SUBSCRIBE and a PINGREQ in one chunk are each handled once', async qos => {
  await using running = await startBroker()
  const raw = await connectRaw('tcp', running.port, { clientId: 'c', ...user })
  const packets = packetsOf(raw)
  let answered = 0
  running.events.on('request-answered', () => answered++)
  raw.send(
    Buffer.concat([
      publishPacket('request/c/nope', '{}', qos ? 9 : undefined),
      subscribePacket(1, 'devices/d1/event/x', 1),
      generate({ cmd: 'pingreq' }),
    ]),
  )
  await expect.poll(got(packets, 'pingresp')).toBeTruthy()
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  await expect.poll(() => answered).toBe(1)
  raw.close()
})
