import { generate, type Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { storeWith } from '../../support/gated-store.ts'
import { asDevice, connectPacket, got, payloads, publishPacket, user } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { enqueue, payloadsOf, retain } from '../../support/store-steps.ts'

const topic = 'devices/d1/event/x'
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('an outbox that waits for a packet id goes on when that is acknowledged while something else is being kept', async () => {
  const sqlite = new Database(':memory:')
  const inner = openMqttStore(sqlite, { queue: { maxMessages: 100, maxBytes: 1e9 } })
  const store = storeWith(
    ({ commit }) => ({
      async commit(batch) {
        const outcomes = await commit(batch)
        await pause(20)
        return outcomes
      },
    }),
    inner,
  )
  await using running = await startBroker({ store })
  const first = await openTcp(running.port)
  const before: Packet[] = packetsOf(first)
  first.send(connectPacket('phone', false))
  first.send(subscribePacket(1, topic, 1))
  await expect.poll(() => before.length).toBe(2)
  first.close()
  for (const payload of ['a', 'b', 'c'])
    await enqueue(inner, 'phone', { topic, payload: Buffer.from(payload), qos: 1, retain: false }, true)
  sqlite.exec('update queue set message_id = 5')
  const device = await connectRaw('tcp', running.port, asDevice)
  const timer = setInterval(
    () =>
      device.send(
        generate({
          cmd: 'publish',
          topic: 'devices/d1/event/y',
          payload: 'x',
          qos: 1,
          messageId: 1,
          dup: false,
          retain: false,
        }),
      ),
    1,
  )
  const away = await connectRaw('tcp', running.port, { clientId: 'away', ...user, clean: false })
  await exchange(away, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/event/y', qos: 1 }] })
  away.close()
  const back = await openTcp(running.port)
  const packets = packetsOf(back)
  let seen = 0
  back.onBytes(() => {
    for (; seen < packets.length; seen++)
      if (packets[seen]?.cmd === 'publish') back.send(generate({ cmd: 'puback', messageId: 5 }))
  })
  back.send(connectPacket('phone', false))
  await expect
    .poll(() => new Set(payloads(packets, topic)), { timeout: 8000 })
    .toEqual(new Set(['a', 'b', 'c']))
    .finally(() => clearInterval(timer))
  back.close()
  device.close()
})

test('a command that comes after a device is back reaches it, however late its being kept is told', async () => {
  let isSlow = false
  const store = storeWith(({ commit }) => ({
    async commit(batch) {
      const outcomes = await commit(batch)
      if (isSlow && batch.some(({ kind }) => kind === 'message')) await pause(100)
      return outcomes
    },
  }))
  const slowQueues = storeWith(
    ({ queues }) => ({
      queues: {
        ...queues,
        async lastSeq(clientId) {
          if (isSlow) await pause(30)
          return queues.lastSeq(clientId)
        },
      },
    }),
    store,
  )
  await using running = await startBroker({ store: slowQueues })
  const device = { ...asDevice, clean: false }
  const first = await connectRaw('tcp', running.port, device)
  await exchange(first, {
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'devices/d1/invoke/blink', qos: 1 }],
  })
  first.close()
  await pause(100)
  const owner = await connectRaw('tcp', running.port, { clientId: 'c', ...user })
  const answers = packetsOf(owner)
  isSlow = true
  const back = await openTcp(running.port)
  const packets = packetsOf(back)
  const { password, ...names } = device
  back.send(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      keepalive: 60,
      ...names,
      password: Buffer.from(password),
    }),
  )
  await expect.poll(got(packets, 'connack'), { interval: 1 }).toBeDefined()
  owner.send(publishPacket('devices/d1/invoke/blink', '{}', 1))
  await expect.poll(got(answers, 'puback', 1)).toBeDefined()
  await expect.poll(() => payloads(packets, 'devices/d1/invoke/blink'), { timeout: 3000 }).toEqual(['{}'])
  back.close()
  owner.close()
})

test('nobody is left with an older retained message than has passed, however often it is replaced while it is read', async () => {
  let publishNext: (() => Promise<unknown>) | undefined
  const store = storeWith(({ retained }) => ({
    retained: {
      ...retained,
      async on(topics) {
        const found = await retained.on(topics)
        await publishNext?.()
        return found
      },
    },
  }))
  await using running = await startBroker({ store })
  await retain(store, { topic, payload: '0', qos: 1, retain: true })
  let last = 0
  publishNext = () => running.broker.publishRetained(topic, `${++last}`)
  const reader = await connectRaw('tcp', running.port, { clientId: 'r', ...user })
  const packets = packetsOf(reader)
  reader.send(subscribePacket(1, topic, 0))
  await expect.poll(() => payloads(packets, topic).length).toBeGreaterThanOrEqual(4)
  await pause(100)
  expect(payloads(packets, topic).at(-1)).toBe(String(last))
  reader.close()
})

test('what could not be deleted is not sent to the next session with that id', async () => {
  let isLocked = false
  const store = storeWith(({ commit }) => ({
    async commit(batch) {
      if (isLocked) throw new Error('database is locked')
      return commit(batch)
    },
  }))
  await using running = await startBroker({ store })
  const first = await connectRaw('tcp', running.port, { clientId: 'phone', ...user, clean: false })
  await exchange(first, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
  first.close()
  await pause(100)
  const device = await connectRaw('tcp', running.port, asDevice)
  await exchange(device, { cmd: 'publish', topic, payload: 'old', qos: 1, messageId: 1, dup: false, retain: false })
  expect(await payloadsOf(store, 'phone')).toEqual(['old'])
  isLocked = true
  const clean = await connectRaw('tcp', running.port, { clientId: 'phone', ...user })
  clean.close()
  await pause(100)
  const next = await openTcp(running.port)
  const packets = packetsOf(next)
  next.send(connectPacket('phone', false))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  await pause(50)
  isLocked = false
  await pause(1500)
  expect(payloads(packets, topic)).toEqual([])
  next.close()
  device.close()
})
