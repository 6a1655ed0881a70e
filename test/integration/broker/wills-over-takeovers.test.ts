import { expect, test } from 'vitest'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const will = (payload: string) => ({
  topic: 'devices/c/event/gone',
  payload: Buffer.from(payload),
  qos: 1 as const,
  retain: false,
})
const asDevice = { clientId: 'c', username: 'c', password: 'x' }

test('the will of a connection that took another one over is kept, for a broker that dies, and goes with DISCONNECT', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  const kept = async () => (await store.wills.all()).map(({ message }) => message.payload.toString())
  const first = await connectClient(running.url, { ...asDevice, will: will('first') })
  const second = await connectClient(running.url, { ...asDevice, will: will('second') })
  await first.closed()
  await expect.poll(() => running.sockets.filter(socket => !socket.destroyed).length).toBe(1)
  expect(await kept()).toEqual(['second'])
  await second.mqtt.endAsync()
  await expect.poll(kept).toEqual([])
})

test('a connection without a will that takes over one with a will leaves none', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  const first = await connectClient(running.url, { ...asDevice, will: will('first') })
  await using second = await connectClient(running.url, asDevice)
  await first.closed()
  await expect.poll(async () => (await store.wills.all()).length).toBe(0)
  expect(second.mqtt.connected).toBe(true)
})
