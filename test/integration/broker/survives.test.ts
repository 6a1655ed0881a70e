import { once } from 'node:events'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createSocketWire } from '../../../src/broker/transport/wires/socket-wire.ts'
import { isQueueing, storeWith, storeWithGate } from '../../support/gated-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectWithWill } from '../../support/packets.ts'
import { openTcp } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { sessionOf } from '../../support/store-steps.ts'
import { addDevice, connectAsDevice } from '../../support/story.ts'

test('5: a socket that dies while its CONNECT waits for the store leaves nothing behind', async () => {
  const { store, asked, open } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startBroker({ store })
  const dying = await openTcp(running.port)
  dying.send(connectWithWill('dying', true, 'devices/d1/set'))
  await asked
  const closed = Promise.all(running.sockets.map(socket => once(socket, 'close')))
  dying.close()
  await closed
  open()
  await using later = await connectClient(running.url, { clientId: 'later' })
  expect(later.mqtt.connected).toBe(true)
  expect(running.broker.connectedClients()).toBe(1)
})

test('7: a socket that never says CONNECT, and one whose sign-in hangs, are closed in time', async () => {
  await using running = await startBroker({
    authenticator: { authenticate: () => new Promise(() => {}) },
    connectTimeoutMs: 300,
  })
  const refused: string[] = []
  running.events.on('connection-refused', ({ reason }) => refused.push(reason))
  const silent = await openTcp(running.port)
  const hanging = connectClient(running.url, { username: 'x', password: 'x' })
  await Promise.all([silent.closed, expect(hanging).rejects.toThrow()])
  expect(refused).toEqual(['connect-timeout', 'connect-timeout'])
})

test('7: a sign-in that throws is CONNACK 3, and the process goes on', async () => {
  await using running = await startBroker({
    authenticator: {
      authenticate: () => {
        throw new Error('a bug')
      },
    },
  })
  await expect(connectClient(running.url, { username: 'x', password: 'x' })).rejects.toMatchObject({ code: 3 })
  expect(running.faults).toEqual(['authenticate'])
  await using guest = await connectClient(running.url)
  expect(guest.mqtt.connected).toBe(true)
})

test('8: faults of the store are reported and the process goes on', async () => {
  const control = { isBroken: false }
  const unless =
    <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
    async (...args: Args) =>
      control.isBroken ? Promise.reject(new Error('disk')) : act(...args)
  const store = storeWith(({ commit, retained }) => ({
    commit: unless(commit),
    retained: { ...retained, on: unless(retained.on) },
  }))
  await using running = await startBroker({ store })
  const away = await connectClient(running.url, { clientId: 'away', username: 'jwt', password: 'x', clean: false })
  await away.subscribe('devices/d1/event/x', 1)
  await away[Symbol.asyncDispose]()
  await expect.poll(async () => (await sessionOf(store, 'away'))?.awaySinceMs).toBeDefined()
  control.isBroken = true
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  expect(await device.subscribe('devices/d1/set', 1)).toBe(1)
  device.mqtt.publish('devices/d1/event/x', 'x', { qos: 1 })
  await device.closed() // what may not be kept is not acknowledged
  expect(new Set(running.faults)).toEqual(new Set(['store retained', 'keeping a message']))
  await using next = await connectClient(running.url, { clientId: 'd2', username: 'd2', password: 'x' })
  expect(next.mqtt.connected).toBe(true)
})

test("21: sockets go without Nagle's delay", () => {
  const socket = new Socket()
  const asked: unknown[] = []
  socket.setNoDelay = on => {
    asked.push(on)
    return socket
  }
  createSocketWire(socket, { received: () => {}, taken: () => {}, closed: () => {} }, 60_000)
  expect(asked).toEqual([true])
  socket.destroy()
})

test('a device that was online when the broker died is offline after the restart, and online again when it is back', async () => {
  const first = await startApp()
  const device = await addDevice(first, 'lamp', 'lamp-1')
  const lamp = await connectAsDevice(first, device)
  await expect.poll(async () => (await first.admin.store.devices.presences()).get('lamp-1')?.online).toBe(true)

  // The first broker never stops: the second opens what a killed process would have left.
  await using second = await startApp({ dataDir: first.config.dataDir })
  const operator = await second.admin.administration.addAccount({
    username: 'root',
    password: 'secret',
    role: 'operator',
  })
  if (typeof operator === 'string') throw new Error(operator)
  const { token } = await second.admin.tokens.issueForAccount(operator)
  await using watcher = await connectClient(second.wsUrl, { username: 'jwt', password: token })
  await watcher.subscribe('devices/+/presence', 1)
  const presence = async (online: boolean) =>
    JSON.parse(
      (await watcher.message('devices/lamp-1/presence', ({ payload }) => JSON.parse(payload).online === online))
        .payload,
    )
  expect(await presence(false)).toMatchObject({ reason: 'broker-restart' })
  await using back = await connectAsDevice(second, device)
  expect(await presence(true)).toMatchObject({ online: true })
  expect(back.mqtt.connected).toBe(true)
  await lamp[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
})

test('a will is deleted together with being queued: a broker that ends right then does not send it again', async () => {
  const left: string[][] = []
  const store = storeWith(inner => ({
    async commit(batch) {
      const outcomes = await inner.commit(batch)
      if (batch.some(isQueueing)) left.push((await inner.wills.all()).map(({ clientId }) => clientId))
      return outcomes
    },
  }))
  await using running = await startBroker({ store })
  const away = await connectClient(running.url, { clientId: 'away', username: 'jwt', password: 'x', clean: false })
  await away.subscribe('devices/d1/event/died', 1)
  const gone = once(running.events, 'session-closed')
  await away[Symbol.asyncDispose]()
  await gone
  const will = { topic: 'devices/d1/event/died', payload: Buffer.from('x'), qos: 1 as const, retain: false }
  const device = await connectClient(running.url, { clientId: 'd1', username: 'device', password: 'x', will })
  expect((await store.wills.all()).length).toBe(1)
  device.mqtt.stream.destroy()
  await expect.poll(() => left).toEqual([[]])
})
