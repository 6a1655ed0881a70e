import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { isQueueing, storeFailing, storeWithGate } from '../../support/gated-store.ts'
import { connectClient, connectWithToken } from '../../support/mqtt-client.ts'
import { asDevice, connectWithWill, got, user } from '../../support/packets.ts'
import { connectRaw, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

test('an explicit filter keeps its QoS beside a followed one of a lower QoS', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 's1')
  expect(await client.subscribe('devices/s1/event/motion', 1)).toBe(1)
  expect(await client.subscribe('devices/+/event/motion', 0)).toBe(0)
  expect((await client.request('account/me')).code).toBe(0)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'x', { qos: 1 })
  expect((await client.message('devices/s1/event/motion')).qos).toBe(1)
  await client[Symbol.asyncDispose]()
})

test('a followed filter keeps its QoS when an explicit one of a lower QoS comes after it', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 's1')
  expect(await client.subscribe('devices/+/event/motion', 1)).toBe(1)
  expect(await client.subscribe('devices/s1/event/motion', 0)).toBe(0)
  expect((await client.request('account/me')).code).toBe(0)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'x', { qos: 1 })
  expect((await client.message('devices/s1/event/motion')).qos).toBe(1)
  await client[Symbol.asyncDispose]()
})

test('many SUBSCRIBE packets of one filter each may arrive in one chunk', async () => {
  await using running = await startApp()
  const { client, token } = await ownerOf(running, 's1')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'raw', username: 'jwt', password: token })
  const packets = packetsOf(raw)
  raw.send(Buffer.concat(Array.from({ length: 150 }, (_, i) => subscribePacket(i + 1, `devices/s1/event/e${i}`))))
  const codes = () => packets.flatMap(packet => (packet.cmd === 'suback' ? packet.granted : []))
  await expect.poll(() => codes().length).toBe(150)
  expect(codes().filter(code => code === 128)).toEqual([])
  raw.close()
  await client[Symbol.asyncDispose]()
})

test('UNSUBSCRIBE and SUBSCRIBE of one filter in one chunk leave it subscribed', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'raw', username: 'jwt', password: token })
  const packets = packetsOf(raw)
  const filter = 'devices/s1/event/motion'
  const has = (cmd: string, messageId: number) => () =>
    packets.some(packet => packet.cmd === cmd && packet.messageId === messageId)
  raw.send(subscribePacket(1, filter, 1))
  await expect.poll(has('suback', 1)).toBe(true)
  raw.send(
    Buffer.concat([
      generate({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] }),
      subscribePacket(3, filter, 1),
    ]),
  )
  await expect.poll(has('suback', 3)).toBe(true)
  await expect.poll(has('unsuback', 2)).toBe(true)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync(filter, 'x', { qos: 1 })
  await expect.poll(() => packets.some(packet => packet.cmd === 'publish' && packet.topic === filter)).toBe(true)
  raw.close()
  await client[Symbol.asyncDispose]()
})

test('unsubscribing a followed filter ends nothing but that subscription', async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 's1')
  const uncaught: unknown[] = []
  const note = (error: unknown) => void uncaught.push(error)
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', note)
  try {
    await client.subscribe('devices/+/state')
    await client.mqtt.unsubscribeAsync('devices/+/state')
    expect((await client.request('account/me')).code).toBe(0)
    expect(uncaught).toEqual([])
  } finally {
    process.off('uncaughtException', note)
    for (const listener of before) process.on('uncaughtException', listener)
  }
  await client[Symbol.asyncDispose]()
})

test('a session whose filters could not be stored is closed, so that its client asks again', async () => {
  const { store } = storeFailing(
    write => write.kind === 'subscribed' && write.subscriptions.some(({ topic }) => topic.includes('+')),
  )
  await using running = await startBroker({ store })
  await using user = await connectClient(running.url, { clientId: 'c', username: 'jwt', password: 'x', clean: false })
  expect(await user.subscribe('devices/d1/event/x', 0)).toBe(0)
  const closed = user.closed()
  user.mqtt.subscribe('devices/+/event/x', { qos: 1 })
  await closed
})

test('nothing is sent before CONNACK, though a grant changes while CONNECT waits', async () => {
  const { store, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startBroker({ store })
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(connectWithWill('late', true, 'devices/d1/set'))
  await asked
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  open()
  await expect.poll(() => packets.some(({ cmd }) => cmd === 'connack')).toBe(true)
  expect(packets[0]?.cmd).toBe('connack')
  raw.close()
})

test('a command for a device whose CONNECT still waits is delivered or refused', async () => {
  const { store: mqttStore, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startApp({ mqttStore })
  const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
  const will = { topic: 'devices/lamp-1/event/gone', payload: Buffer.from('{}'), qos: 0 as const, retain: false }
  const connecting = connectAsDevice(running, device, { will })
  await asked
  client.mqtt.publish(topics.set('lamp-1'), '{"id":"7","on":true}')
  expect((await client.request('account/me')).code).toBe(0)
  open()
  await using lamp = await connecting
  await lamp.subscribe(topics.set('lamp-1'), 1)
  const heard = await Promise.race([
    lamp.message(topics.set('lamp-1')),
    client.message(topics.notify(client.id, 'device-offline')),
  ])
  expect(JSON.parse(heard.payload).id).toBe('7')
  await client[Symbol.asyncDispose]()
})

test('a reply that overtakes a QoS 1 message on its way does not swallow it', async () => {
  const { store: mqttStore, open, asked } = storeWithGate(isQueueing)
  await using running = await startApp({ mqttStore })
  const { device, client: owner, token } = await ownerOf(running, 's1')
  const client = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await client.subscribe('reply/phone/#')
  await client.subscribe('devices/s1/event/motion', 1)
  await using sensor = await connectAsDevice(running, device)
  const published = sensor.mqtt.publishAsync('devices/s1/event/motion', 'x', { qos: 1 })
  await asked
  expect((await client.request('account/me')).code).toBe(0)
  open()
  await published
  expect((await client.message('devices/s1/event/motion')).payload).toBe('x')
  await Promise.all([client[Symbol.asyncDispose](), owner[Symbol.asyncDispose]()])
})

test('what a live session got at QoS 0 by one filter is not replayed to it later because of another at QoS 1', async () => {
  await using running = await startBroker()
  const stored = { clientId: 'c', ...user, clean: false }
  const phone = await connectClient(running.url, stored)
  await phone.subscribe('devices/d1/#', 0)
  await phone.subscribe('devices/+/event/x', 1)
  await using device = await connectClient(running.url, asDevice)
  await phone.subscribe('devices/d1/event/z', 0)
  for (let i = 0; i < 10; i++) await device.mqtt.publishAsync('devices/d1/event/x', String(i), { qos: 1 })
  await expect.poll(() => phone.received.length).toBe(10)
  const ended = once(running.events, 'session-closed')
  await phone.mqtt.endAsync()
  await ended
  await using back = await connectClient(running.url, stored)
  await back.subscribe('reply/c/#', 0)
  await expect.poll(() => back.received.map(({ payload }) => payload)).toEqual([])
})

test('a message to a follower that is here is delivered now, though its subscriptions are still being brought in step', async () => {
  const { store, open, asked } = storeWithGate(({ kind }) => kind === 'unsubscribed')
  await using running = await startBroker({
    store,
    authenticator: {
      authenticate: async ({ username, clientId }) =>
        username === 'jwt'
          ? ownerOfD1(new Map([['d1', 'owner']]))
          : { kind: 'device', deviceId: clientId, type: 'lamp' },
    },
  })
  await using phone = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await phone.subscribe('devices/+/event/x', 1)
  await phone.subscribe('devices/d1/event/y', 1)
  await using device = await connectClient(running.url, { ...asDevice, clientId: 'd2' })
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  await asked
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd2', role: 'owner' })
  device.mqtt.publish('devices/d2/event/x', 'hello')
  expect((await phone.message('devices/d2/event/x')).payload).toBe('hello')
  open()
})

test('UNSUBSCRIBE of an explicit filter that a followed one covers loses nothing that comes meanwhile', async () => {
  await using running = await startBroker()
  await using device = await connectClient(running.url, asDevice)
  await using phone = await connectClient(running.url, { clientId: 'c', ...user, clean: false })
  await phone.subscribe('devices/+/event/x', 1)
  await phone.subscribe('devices/d1/event/x', 1)
  const sent: string[] = []
  let done = false
  const publishing = (async () => {
    for (let i = 0; !done; i++) {
      sent.push(String(i))
      await device.mqtt.publishAsync('devices/d1/event/x', String(i), { qos: 1 })
    }
  })()
  for (let i = 0; i < 100; i++) {
    await phone.mqtt.unsubscribeAsync('devices/d1/event/x')
    await phone.subscribe('devices/d1/event/x', 1)
  }
  done = true
  await publishing
  await expect.poll(() => sent.filter(text => !phone.received.some(({ payload }) => payload === text))).toEqual([])
})

test('a message never arrives at a higher QoS than its wildcard was granted, live or retained', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'dev')
  await using publisher = await connectAsDevice(running, device)
  expect(await client.subscribe('devices/dev/event/+', 1)).toBe(1)
  await publisher.mqtt.publishAsync('devices/dev/event/motion', 'x', { qos: 2 })
  expect((await client.message('devices/dev/event/motion')).qos).toBe(1)
  await using zero = await connectWithToken(running.wsUrl, token)
  await zero.subscribe('devices/dev/#', 0)
  expect(await zero.message(topics.presence('dev'))).toMatchObject({ qos: 0, retain: true })
  await client[Symbol.asyncDispose]()
})

test.each([true, false])(
  'a filter that a SUBSCRIBE holds twice has a return code for each, and the last counts (clean %s)',
  async clean => {
    await using running = await startBroker()
    const client = await connectRaw('tcp', running.port, { clientId: 'twice', ...user, clean })
    const packets = packetsOf(client)
    const again = 'devices/d1/state'
    const subscriptions = [
      { topic: again, qos: 2 },
      { topic: again, qos: 0 },
      { topic: 'devices/other/state', qos: 0 },
      { topic: 'devices/+/ack', qos: 0 },
      { topic: 'devices/+/ack', qos: 1 },
      { topic: again, qos: 1 },
    ] as const
    client.send(generate({ cmd: 'subscribe', messageId: 7, subscriptions: [...subscriptions] }))
    await expect.poll(got(packets, 'suback', 7)).toMatchObject({ granted: [2, 0, 128, 0, 1, 1] })

    const device = await connectRaw('tcp', running.port, asDevice)
    for (const [id, topic] of ['devices/d1/state', 'devices/d1/ack'].entries()) {
      const message = { topic, payload: 'x', qos: 2, messageId: id + 1, dup: false, retain: false } as const
      device.send(generate({ cmd: 'publish', ...message }))
    }
    const delivered = () =>
      packets.flatMap(packet => (packet.cmd === 'publish' ? [`${packet.topic} ${packet.qos}`] : []))
    await expect.poll(delivered).toEqual(['devices/d1/state 1', 'devices/d1/ack 1'])
    device.close()
    client.close()
    expect(running.faults).toEqual([])
  },
)
