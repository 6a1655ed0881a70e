import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import type { BrokerLimits } from '../../../src/broker/limits.ts'
import { storeWithGate } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, connectPacket, connectWithWill, got, payloads, publishPacket, user } from '../../support/packets.ts'
import { openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

/** So many messages are sent ahead of their acknowledgements. */
const inFlight = 100

/** A stored session `c` whose queue is being emptied: CONNACK is there, and of what is queued comes as much as may go unacknowledged. */
async function emptying(limits: Partial<BrokerLimits> = {}) {
  const running = await startBroker({ limits })
  const first = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await first.subscribe('devices/d1/event/x', 1)
  await first.subscribe('reply/c/#', 1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  const device = await connectClient(running.url, asDevice)
  const queued = Array.from({ length: inFlight + 10 }, (_, i) => `queued ${i}`)
  await Promise.all(queued.map(payload => device.mqtt.publishAsync('devices/d1/event/x', payload, { qos: 1 })))
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(connectPacket('c', false))
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBe(inFlight)
  const taken = async () => {
    for (let i = 0; i < 5; i++) await device.mqtt.publishAsync('devices/d1/ack', '{}', { qos: 1 })
  }
  let acknowledged = 0
  /** Acknowledges what came and what comes. */
  const open = () => {
    const acknowledge = () => {
      const came = packets.flatMap(packet => (packet.cmd === 'publish' && packet.qos > 0 ? [packet.messageId] : []))
      for (const messageId of came.slice(acknowledged)) raw.send(generate({ cmd: 'puback', messageId: messageId ?? 0 }))
      acknowledged = came.length
    }
    raw.onBytes(acknowledge)
    acknowledge()
  }
  return { running, device, raw, packets, queued, taken, open }
}

test('SUBSCRIBE after CONNACK, while the queue is being emptied: a followed filter is granted', async () => {
  const { running, device, raw, packets, open, taken } = await emptying()
  await using _running = running
  await using _device = device
  raw.send(subscribePacket(1, 'devices/+/event/y', 1))
  await taken()
  open()
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  raw.close()
})

test('SUBSCRIBE after CONNACK, while the queue is being emptied: what it grants is delivered', async () => {
  const { running, device, raw, packets, queued, open, taken } = await emptying()
  await using _running = running
  await using _device = device
  raw.send(subscribePacket(1, 'devices/d1/event/y', 1))
  await taken()
  open()
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toEqual(queued)
  await device.mqtt.publishAsync('devices/d1/event/y', 'hello', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/y')).toEqual(['hello'])
  raw.close()
})

test('a request after CONNACK, while the queue is being emptied, is answered', async () => {
  const { running, device, raw, packets, open, taken } = await emptying()
  await using _running = running
  await using _device = device
  raw.send(publishPacket('request/c/account/me', '{}'))
  await taken()
  open()
  await expect.poll(() => payloads(packets, 'reply/c/account/me').length).toBe(1)
  raw.close()
})

test('a packet over the limit before CONNECT is taken after CONNACK, while the queue is being emptied', async () => {
  const { running, device, raw, packets, open, taken } = await emptying()
  await using _running = running
  await using _device = device
  raw.send(publishPacket('devices/d1/set', `{"x":"${'x'.repeat(20_000)}"}`, 7))
  await taken()
  open()
  await expect.poll(got(packets, 'puback', 7)).toBeTruthy()
  raw.close()
})

test('a QoS 1 message to a session that is being restored waits for CONNACK', async () => {
  const { store, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startBroker({ store })
  const first = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await first.subscribe('devices/d1/event/x', 1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  await using device = await connectClient(running.url, asDevice)
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(connectWithWill('c', false, 'devices/d1/set'))
  await asked
  const published = device.mqtt.publishAsync('devices/d1/event/x', 'hello', { qos: 1 })
  for (let i = 0; i < 5; i++) await device.subscribe('devices/d1/set') // round trips: it is on its way by now
  open()
  await published
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBeGreaterThan(0)
  await expect.poll(got(packets, 'connack')).toBeTruthy()
  expect(packets[0]?.cmd).toBe('connack')
  await device.mqtt.publishAsync('devices/d1/event/x', 'last', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toContain('last')
  expect(payloads(packets, 'devices/d1/event/x')).toEqual(['hello', 'last'])
  raw.close()
})

test('what comes while the queue is being emptied follows it, each once', async () => {
  const { running, device, raw, packets, queued, open } = await emptying()
  await using _running = running
  await using _device = device
  for (const payload of ['second', 'third']) await device.mqtt.publishAsync('devices/d1/event/x', payload, { qos: 1 })
  expect(payloads(packets, 'devices/d1/event/x')).toEqual(queued.slice(0, inFlight))
  open()
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBe(queued.length + 2)
  await device.mqtt.publishAsync('devices/d1/event/x', 'fourth', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toContain('fourth')
  expect(payloads(packets, 'devices/d1/event/x')).toEqual([...queued, 'second', 'third', 'fourth'])
  raw.close()
})
