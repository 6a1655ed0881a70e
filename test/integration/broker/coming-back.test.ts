import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { BrokerLimits } from '../../../src/broker/limits.ts'
import { createGate } from '../../support/gate.ts'
import { storeWith } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, connectPacket, got, payloads, publishPacket, user } from '../../support/packets.ts'
import { openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

/** A stored session `c` whose queue is being emptied: CONNACK is there, and the store takes its time over the first queued message. */
async function emptying(limits: Partial<BrokerLimits> = {}) {
  const gate = createGate()
  const control = { gated: false }
  const store = storeWith(inner => ({
    outgoingUpdate: async (client, packet) => {
      if (control.gated) await gate.opened
      return inner.outgoingUpdate(client, packet)
    },
  }))
  const running = await startBroker({ store, limits })
  const first = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await first.subscribe('devices/d1/event/x', 1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  const device = await connectClient(running.url, asDevice)
  await device.mqtt.publishAsync('devices/d1/event/x', 'queued', { qos: 1 })
  control.gated = true
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(connectPacket('c', false))
  await expect.poll(got(packets, 'connack')).toBeTruthy()
  const taken = async () => {
    for (let i = 0; i < 5; i++) await device.mqtt.publishAsync('devices/d1/ack', '{}', { qos: 1 })
  }
  return {
    running,
    device,
    raw,
    packets,
    taken,
    open: () => {
      control.gated = false
      gate.open()
    },
  }
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
  const { running, device, raw, packets, open, taken } = await emptying()
  await using _running = running
  await using _device = device
  raw.send(subscribePacket(1, 'devices/d1/event/y', 1))
  await taken()
  open()
  await expect.poll(got(packets, 'suback')).toMatchObject({ granted: [1] })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toEqual(['queued'])
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
  const gate = createGate()
  const asked = createGate()
  let gated = false
  const store = storeWith(inner => ({
    delWill: async client => {
      if (gated) {
        asked.open()
        await gate.opened
      }
      return inner.delWill(client)
    },
  }))
  await using running = await startBroker({ store })
  const first = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await first.subscribe('devices/d1/event/x', 1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  await using device = await connectClient(running.url, asDevice)
  gated = true
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(connectPacket('c', false))
  await asked.opened
  await device.mqtt.publishAsync('devices/d1/event/x', 'hello', { qos: 1 })
  for (let i = 0; i < 5; i++) await device.mqtt.publishAsync('devices/d1/ack', '{}', { qos: 1 }) // round trips: it is on its way by now
  gated = false
  gate.open()
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBeGreaterThan(0)
  await expect.poll(got(packets, 'connack')).toBeTruthy()
  expect(packets[0]?.cmd).toBe('connack')
  await device.mqtt.publishAsync('devices/d1/event/x', 'last', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x')).toContain('last')
  expect(payloads(packets, 'devices/d1/event/x')).toEqual(['hello', 'last'])
  raw.close()
})

test('what comes while the queue is being emptied follows it, each once', async () => {
  const { running, device, raw, packets, open } = await emptying()
  await using _running = running
  await using _device = device
  for (const payload of ['second', 'third']) await device.mqtt.publishAsync('devices/d1/event/x', payload, { qos: 1 })
  expect(payloads(packets, 'devices/d1/event/x')).toEqual([])
  open()
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBe(3)
  await device.mqtt.publishAsync('devices/d1/event/x', 'fourth', { qos: 1 })
  await expect.poll(() => payloads(packets, 'devices/d1/event/x').length).toBeGreaterThan(3)
  expect(payloads(packets, 'devices/d1/event/x')).toEqual(['queued', 'second', 'third', 'fourth'])
  raw.close()
})

test('maxBufferedBytes holds for what comes while the queue is being emptied too: the session is closed, and nothing is lost', async () => {
  const { running, device, open } = await emptying({ maxBufferedBytes: 4096 })
  await using _running = running
  await using _device = device
  const closed = once(running.events, 'session-closed')
  const sent = Array.from({ length: 5 }, (_, i) => `${i}`.padEnd(1000, 'x'))
  for (const payload of sent) await device.mqtt.publishAsync('devices/d1/event/x', payload, { qos: 1 })
  expect((await closed)[0]).toMatchObject({ clientId: 'c', reason: 'slow-reader' })
  open()
  const raw = await openTcp(running.port)
  const again = packetsOf(raw)
  raw.send(connectPacket('c', false))
  await expect.poll(() => payloads(again, 'devices/d1/event/x')).toEqual(['queued', ...sent])
  raw.close()
})
