import mqtt, { type IClientOptions } from 'mqtt'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../../support/in-memory.ts'
import { startBroker } from '../../../support/start-broker.ts'

const bye = 'devices/d1/event/bye'

function optionsOf(delaySeconds: number, sessionSeconds = 100): IClientOptions {
  const will = { topic: bye, payload: Buffer.from('bye'), qos: 1 as const, retain: false }
  return {
    protocolVersion: 5,
    reconnectPeriod: 0,
    clientId: 'd1',
    username: 'd1',
    password: 'x',
    clean: false,
    properties: { sessionExpiryInterval: sessionSeconds },
    will: { ...will, properties: { willDelayInterval: delaySeconds, messageExpiryInterval: 50 } },
  }
}

async function readerOn(url: string) {
  const client = await mqtt.connectAsync(url, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    username: 'jwt',
    password: 'x',
  })
  const heardAtMs: number[] = []
  const expiries: unknown[] = []
  client.on('message', (_topic, _payload, { properties }) => {
    heardAtMs.push(Date.now())
    expiries.push(properties?.messageExpiryInterval)
  })
  await client.subscribeAsync(bye, { qos: 1 })
  return { heardAtMs, expiries, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

async function loseConnection(url: string, options: IClientOptions): Promise<number> {
  const client = await mqtt.connectAsync(url, options)
  client.on('error', () => {})
  client.stream.destroy()
  return Date.now()
}

const sessionClosed = (broker: { events: { once(event: 'session-closed', listener: () => void): unknown } }) =>
  new Promise<void>(resolve => void broker.events.once('session-closed', resolve))

test('a will waits for its time, which its own readers are told as a whole', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  const lostAtMs = await loseConnection(broker.url, optionsOf(1))
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  expect((reader.heardAtMs[0] ?? 0) - lostAtMs).toBeGreaterThanOrEqual(990)
  expect(reader.expiries).toEqual([50])
})

test('the will of a session that goes on in time is not sent, and the next one is', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  const closed = sessionClosed(broker)
  await loseConnection(broker.url, optionsOf(2))
  await closed
  const closedAgain = sessionClosed(broker)
  const lostAtMs = await loseConnection(broker.url, optionsOf(3))
  await closedAgain
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  expect((reader.heardAtMs[0] ?? 0) - lostAtMs).toBeGreaterThanOrEqual(2900)
})

test('a will is due at once when its session ends: by a clean start, or with its connection', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  await loseConnection(broker.url, optionsOf(1000, 0))
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  const closed = sessionClosed(broker)
  await loseConnection(broker.url, optionsOf(1000))
  await closed
  expect(reader.heardAtMs).toHaveLength(1)
  const client = await mqtt.connectAsync(broker.url, { ...optionsOf(0), clean: true })
  await expect.poll(() => reader.heardAtMs.length).toBe(2)
  await client.endAsync()
})

test('a connection that is taken over by one that goes on with its session sends no will that was to wait', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  const first = await mqtt.connectAsync(broker.url, optionsOf(1))
  first.on('error', () => {})
  const closed = sessionClosed(broker)
  const second = await mqtt.connectAsync(broker.url, { ...optionsOf(1), clean: false })
  await closed
  await second.endAsync()
  await using marker = await readerOn(broker.url)
  const lostAtMs = await loseConnection(broker.url, { ...optionsOf(2), clientId: 'd1' })
  await expect.poll(() => marker.heardAtMs.length).toBe(1)
  expect((reader.heardAtMs[0] ?? 0) - lostAtMs).toBeGreaterThanOrEqual(1900)
  expect(reader.heardAtMs).toHaveLength(1)
})

test('a will that waits outlives its broker', async () => {
  const store = createMemoryStore()
  const kept = { ...store, close: async () => {} }
  {
    await using broker = await startBroker({ store: kept })
    const closed = sessionClosed(broker)
    await loseConnection(broker.url, optionsOf(2))
    await closed
  }
  await using broker = await startBroker({ store: kept })
  await using reader = await readerOn(broker.url)
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  expect(await kept.wills.all()).toEqual([])
})

test('a guest who comes by the client id of another does not cancel the will that waits there', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  const closed = sessionClosed(broker)
  await loseConnection(broker.url, optionsOf(1))
  await closed
  const guest = await mqtt.connectAsync(broker.url, { clientId: 'd1', protocolVersion: 5, reconnectPeriod: 0 })
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  await guest.endAsync()
})

test('a clean session of MQTT 3.1.1 by the same client id ends the one before, and its will is due', async () => {
  await using broker = await startBroker()
  await using reader = await readerOn(broker.url)
  const closed = sessionClosed(broker)
  await loseConnection(broker.url, optionsOf(1000))
  await closed
  const options = { clientId: 'd1', username: 'd1', password: 'x', reconnectPeriod: 0 }
  const clean = await mqtt.connectAsync(broker.url, { ...options, protocolVersion: 4, clean: true })
  await expect.poll(() => reader.heardAtMs.length).toBe(1)
  await clean.endAsync()
})
