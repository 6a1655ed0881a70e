import { expect, test } from 'vitest'
import { storeFleet } from '../../support/fleet.ts'
import { storeWith, storeWithGate } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, user } from '../../support/packets.ts'
import { startBroker } from '../../support/start-broker.ts'
import { payloadsOf, rowsOf } from '../../support/store-steps.ts'

const sessions = 150 // more than are given a message in one turn
const topic = 'devices/d1/event/x'
const fleet = { tokens: 'x', filters: [topic], qos: 1 } as const

test('a message for many stored sessions is kept when it is acknowledged, and the next process goes on queueing it', async () => {
  const store = createMemoryStore()
  {
    await using running = await startBroker({
      // This process gives the message to nobody: it dies, as it were, right after the acknowledgement.
      store: storeWith(() => ({
        ...store,
        commit: batch => (batch.some(({ kind }) => kind === 'give') ? new Promise(() => {}) : store.commit(batch)),
      })),
    })
    await storeFleet(running.port, sessions, fleet)
    await using device = await connectClient(running.url, asDevice)
    await device.mqtt.publishAsync(topic, 'kept', { qos: 1 })
  }
  expect(await store.queues.unfinishedFanOuts()).toHaveLength(1)
  await using running = await startBroker({ store })
  await expect.poll(() => store.queues.unfinishedFanOuts()).toEqual([])
  await using back = await connectClient(running.url, { clientId: 'fleet-149', clean: false, ...user })
  expect((await back.message(topic)).payload).toBe('kept')
  expect(await rowsOf(store, 'fleet-0')).toHaveLength(1)
})

test('a message that follows one to many sessions overtakes it for none of them', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  await storeFleet(running.port, sessions, fleet)
  await using here = await connectClient(running.url, { clientId: 'here', clean: false, ...user })
  await here.subscribe(topic, 1)
  await using device = await connectClient(running.url, asDevice)
  const sent = Array.from({ length: 10 }, (_, n) => `${n}`)
  await Promise.all(sent.map(payload => device.mqtt.publishAsync(topic, payload, { qos: 1 })))
  await expect.poll(() => here.received.map(({ payload }) => payload)).toEqual(sent)
  await expect.poll(() => rowsOf(store, 'fleet-149')).toHaveLength(10)
  for (const id of ['fleet-0', 'fleet-149']) expect(await payloadsOf(store, id)).toEqual(sent)
})

test('a session that is wiped before its turn is skipped, and the message goes with the last one', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  await storeFleet(running.port, sessions, fleet)
  await using device = await connectClient(running.url, asDevice)
  const published = device.mqtt.publishAsync(topic, 'x', { qos: 1 })
  await using _wiping = await connectClient(running.url, { clientId: 'fleet-149', clean: true, ...user })
  await published
  await expect.poll(() => store.queues.unfinishedFanOuts()).toEqual([])
  expect(await rowsOf(store, 'fleet-149')).toEqual([])
  expect(await rowsOf(store, 'fleet-148')).toHaveLength(1)
})

test('a client that publishes to many stored sessions is read no faster than their queues are filled, and nothing is lost', async () => {
  const store = createMemoryStore()
  let begun = 0
  let ended = 0
  let most = 0
  const counting = storeWith(
    () => ({
      commit(batch) {
        for (const write of batch) {
          if (write.kind === 'message' && write.queued?.some(({ waiting }) => waiting.length > 0)) begun++
          most = Math.max(most, begun - ended)
          if (write.kind === 'give' && write.isLast) ended++
        }
        return store.commit(batch)
      },
    }),
    store,
  )
  await using running = await startBroker({ store: counting })
  await storeFleet(running.port, sessions, fleet)
  await using device = await connectClient(running.url, asDevice)
  const sent = Array.from({ length: 900 }, (_, n) => `${n}`)
  await Promise.all(sent.map(payload => device.mqtt.publishAsync(topic, payload, { qos: 1 })))
  await expect.poll(() => ended, { timeout: 15_000 }).toBe(sent.length)
  expect(most).toBeLessThan(300) // sixteen, and what was read by then
  expect(await payloadsOf(store, 'fleet-149')).toEqual(sent)
})

test('a session that is deleted and begins again during a fan-out does not get the message', async () => {
  const { store, open, asked, control } = storeWithGate(({ kind }) => kind === 'give')
  await using running = await startBroker({ store })
  const isStored = (clientId: string) => [...running.broker.storedSessions.all()].some(one => one.clientId === clientId)
  const last = { clientId: 'fleet-149', ...user }
  await storeFleet(running.port, sessions, fleet)
  await using device = await connectClient(running.url, asDevice)
  await device.mqtt.publishAsync(topic, 'x', { qos: 1 })
  await asked
  await using wiping = await connectClient(running.url, { ...last, clean: true })
  await wiping[Symbol.asyncDispose]()
  expect(isStored(last.clientId)).toBe(false)
  const beginning = connectClient(running.url, { ...last, clean: false })
  await expect.poll(() => isStored(last.clientId)).toBe(true)
  control.gated = false
  open()
  await using anew = await beginning
  await expect.poll(() => store.queues.unfinishedFanOuts()).toEqual([])
  await anew.subscribe('devices/d1/event/y', 1)
  await device.mqtt.publishAsync('devices/d1/event/y', 'y', { qos: 1 })
  await anew.message('devices/d1/event/y')
  expect(anew.received.map(({ payload }) => payload)).toEqual(['y'])
  expect(await rowsOf(store, 'fleet-148')).toHaveLength(1)
})
