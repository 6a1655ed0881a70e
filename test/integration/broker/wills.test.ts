import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createGate } from '../../support/gate.ts'
import { storeFailing, storeWith } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { user } from '../../support/packets.ts'
import { openTcp } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const topic = 'devices/d1/event/gone'

test.each([0, 1, 2] as const)(
  'a will at QoS %i is sent when the connection ends without a DISCONNECT, and not when it ends with one [MQTT-3.14.4-3]',
  async qos => {
    const store = createMemoryStore()
    await using running = await startBroker({ store })
    await using reader = await connectClient(running.url, { clientId: 'c', ...user })
    await reader.subscribe(topic, 2)
    const leave = (payload: string) =>
      connectClient(running.url, {
        clientId: 'd1',
        username: 'd1',
        password: 'x',
        reconnectPeriod: 0,
        will: { topic, payload: Buffer.from(payload), qos, retain: false },
      })
    const polite = await leave('polite')
    await polite.mqtt.endAsync()
    const lost = await leave('lost')
    lost.mqtt.stream.destroy()
    await lost.closed()
    await expect.poll(() => reader.received.map(({ payload }) => payload)).toEqual(['lost'])
    expect(await store.wills.all()).toEqual([])
  },
)

test('a CONNECT that ends before its CONNACK does not change the kept will of the connection that goes on', async () => {
  const gate = createGate()
  let calls = 0
  const store = storeWith(inner => ({
    async commit(batch) {
      const kept = await inner.commit(batch)
      if (batch.some(({ kind }) => kind === 'will') && ++calls === 2) await gate.opened
      return kept
    },
  }))
  await using running = await startBroker({ store })
  const connect = (payload: string) => ({
    clientId: 'd1',
    username: 'd1',
    password: 'x',
    will: { topic, payload: Buffer.from(payload), qos: 1 as const, retain: false },
  })
  await using first = await connectClient(running.url, connect('first'))
  const second = await openTcp(running.port)
  const packet = { ...connect('second'), password: Buffer.from('x'), protocolId: 'MQTT', protocolVersion: 4 } as const
  second.send(generate({ cmd: 'connect', clean: true, keepalive: 60, ...packet }))
  await expect.poll(() => calls).toBe(2)
  second.close()
  await expect.poll(() => running.sockets.filter(socket => !socket.destroyed).length).toBe(1)
  gate.open()
  await expect
    .poll(async () => (await store.wills.all()).map(({ message }) => String(message.payload)))
    .toEqual(['first'])
  expect(first.mqtt.connected).toBe(true)
})

const token = { id: 't', expiresAtMs: Date.now() + 3_600_000 }
const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
const service = { authenticate: async () => ({ kind: 'service' as const, name: 's', acl, token }) }

test('a will that a fault of the store keeps from being sent does not stand for a successor that leaves none', async () => {
  const { store, control } = storeFailing(write => write.kind === 'message' && write.retained !== undefined)
  await using running = await startBroker({ store, authenticator: service })
  const as = { clientId: 's1', ...user, reconnectPeriod: 0 }
  const will = { topic: 'app/x', payload: Buffer.from('gone'), qos: 1 as const, retain: true }
  const first = await connectClient(running.url, { ...as, will })
  first.mqtt.stream.destroy()
  await first.closed()
  await expect.poll(() => running.faults).toContain('store will')
  control.left = 0
  expect(await store.wills.all()).toHaveLength(1)
  const second = await connectClient(running.url, as)
  await second.mqtt.endAsync()
  await expect.poll(() => store.wills.all()).toEqual([])
})
