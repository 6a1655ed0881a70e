import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createGate } from '../../support/gate.ts'
import { storeFailing, storeWith } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectWithWill, got, user } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { sessionOf } from '../../support/store-steps.ts'

const topic = 'devices/d1/event/x'
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('a stored session whose record cannot be kept is told so, and is kept when it is told that it is there', async () => {
  const { store } = storeFailing(({ kind }) => kind === 'session', 1)
  await using running = await startBroker({ store })
  const connect = () => connectRaw('tcp', running.port, { clientId: 'phone', ...user, clean: false })
  await expect(connect()).rejects.toThrow('"returnCode":3')
  const reader = await connect()
  await exchange(reader, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
  expect(await sessionOf(store, 'phone')).toBeDefined() // a kill right here loses what is queued for it
  reader.close()
})

test('a client that publishes retained messages at QoS 0 waits while nothing can be kept', async () => {
  const gate = createGate()
  const sizes: number[] = []
  const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
  const service = { kind: 'service', name: 's', acl, token: { id: 't', expiresAtMs: Date.now() + 3_600_000 } } as const
  const store = storeWith(({ commit }) => ({
    async commit(batch) {
      sizes.push(batch.length)
      if (sizes.length === 1) await gate.opened
      return commit(batch)
    },
  }))
  await using running = await startBroker({ store, authenticator: { authenticate: async () => service } })
  const client = await connectRaw('tcp', running.port, { clientId: 'c', ...user })
  const one = generate({
    cmd: 'publish',
    topic: 'app/x',
    payload: 'x'.repeat(100),
    qos: 0,
    messageId: 0,
    dup: false,
    retain: true,
  })
  for (let n = 0; n < 60; n++) client.send(Buffer.concat(Array.from({ length: 1000 }, () => one)))
  await pause(4000)
  gate.open()
  await expect.poll(() => sizes.length).toBeGreaterThan(1)
  expect(sizes[1]).toBeLessThan(10_000)
  client.close()
})

test('the will of an open connection stays kept when two that would have taken it over end before CONNACK', async () => {
  const inner = createMemoryStore()
  const gate = createGate()
  let isGated = false
  const store = storeWith(
    ({ commit }) => ({
      async commit(batch) {
        if (isGated) await gate.opened
        return commit(batch)
      },
    }),
    inner,
  )
  await using running = await startBroker({ store })
  const first = await openTcp(running.port)
  const packets = packetsOf(first)
  first.send(connectWithWill('phone', true, 'devices/d1/set'))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  isGated = true
  const second = await openTcp(running.port)
  second.send(connectWithWill('phone', true, 'devices/d1/set'))
  await pause(100)
  const third = await openTcp(running.port)
  third.send(connectWithWill('phone', true, 'devices/d1/set'))
  await pause(100)
  second.close()
  await pause(100)
  third.close()
  await pause(100)
  gate.open()
  await pause(300)
  expect(packets.map(({ cmd }) => cmd)).toEqual(['connack'])
  first.send(generate({ cmd: 'pingreq' }))
  await expect.poll(got(packets, 'pingresp')).toBeDefined()
  expect((await inner.wills.all()).map(({ clientId }) => clientId)).toEqual(['phone'])
  first.close()
})
