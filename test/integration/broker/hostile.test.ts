import { connect } from 'node:net'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest, connectWithToken, subscribeAll } from '../../support/mqtt-client.ts'
import { connectRaw, exchange } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf, registerUser } from '../../support/story.ts'

test.each(['//', '/nope', '/mqtt?x=1', 'http://[', '*'])(
  'an upgrade of %j is refused, and a peer that keeps its side open holds nothing',
  async path => {
    await using running = await startApp()
    const socket = connect({ port: running.app.ports.http, host: '127.0.0.1', allowHalfOpen: true })
    const answer = new Promise<string>(resolve => socket.once('data', data => resolve(String(data))))
    socket.on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    expect(await answer).toMatch(/^HTTP\/1.1 4\d\d/)
    await running.app.stop()
    socket.destroy()
  },
)

test('the broker stops at once though sockets are open that never said CONNECT', async () => {
  await using running = await startApp()
  const silent = connect(running.app.ports.mqtt, '127.0.0.1')
  await new Promise(resolve => silent.once('connect', resolve))
  const closed = new Promise(resolve => silent.once('close', resolve))
  await running.app.stop()
  await closed
})

test('overlapping filters of a stored session bring every message of a burst once', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  await using phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await phone.subscribe('devices/s1/event/+', 1)
  await phone.subscribe('devices/s1/#', 1)
  await using sensor = await connectAsDevice(running, device)
  const sent = Array.from({ length: 50 }, (_, i) => String(i))
  await Promise.all(sent.map(text => sensor.mqtt.publishAsync('devices/s1/event/motion', text, { qos: 1 })))
  const events = () => phone.received.filter(({ topic }) => topic.includes('/event/')).map(({ payload }) => payload)
  await expect.poll(() => events().length).toBe(50)
  expect(events()).toEqual(sent)
  await client[Symbol.asyncDispose]()
})

test('a command that a silent device did not take is not replayed to it later', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'heater', 'lamp')
  const asDevice = { clientId: device.id, username: device.id, password: device.secret }
  const silent = await connectRaw('tcp', running.app.ports.mqtt, { ...asDevice, clean: false })
  await exchange(silent, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: topics.set(device.id), qos: 1 }] })
  silent.stopReading()
  await client.mqtt.publishAsync(topics.set(device.id), '{"on":true}', { qos: 1 })
  silent.close()
  await expect.poll(() => running.lines.some(line => line.includes('device-offline'))).toBe(true)
  await using back = await connectAsDevice(running, device, { clean: false })
  await expect.poll(() => running.lines.filter(line => line.includes('"device-online"'))).toHaveLength(2)
  await client.mqtt.publishAsync(topics.set(device.id), '{"on":false}', { qos: 1 })
  expect((await back.message(topics.set(device.id))).payload).toBe('{"on":false}')
  await client[Symbol.asyncDispose]()
})

test('after logging out on a stored session its user may use the client id again', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const issued = await running.admin.administration.issueToken({ user: 'alice' })
  if (typeof issued === 'string') throw new Error('no second token')
  const phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await phone.request('auth/logout')
  await phone[Symbol.asyncDispose]()
  await using back = await connectWithToken(running.wsUrl, issued.token, { clientId: 'phone', clean: false })
  expect((await back.request('account/me')).code).toBe(0)
  await client[Symbol.asyncDispose]()
})

test('a followed filter may be as deep as any, and one SUBSCRIBE holds so many filters', async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 's1')
  expect(await client.subscribe(`devices/+/${'a/'.repeat(29)}a`)).toBe(0)
  const filters = Array.from({ length: 150 }, (_, i) => `devices/s1/event/e${i}`)
  const granted = await subscribeAll(client, filters)
  expect(granted.filter(code => code === 1)).toHaveLength(100)
  expect(granted.slice(100)).toEqual(Array.from({ length: 50 }, () => 128))
  expect(running.lines.filter(line => line.includes('too-many-filters-in-packet'))).toHaveLength(1)
  await client[Symbol.asyncDispose]()
})

test.each(['foo', 'a/b/c', 'auth/login/'])('a request on an operation spelled %j is answered 4004', async operation => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  expect((await guest.request(operation)).code).toBe(4004)
})

test('SUBSCRIBE and DISCONNECT in one chunk end like any session, and the broker goes on', async () => {
  await using running = await startApp()
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'hasty' })
  const subscribe = generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'reply/hasty/#', qos: 0 }] })
  raw.send(Buffer.concat([subscribe, generate({ cmd: 'disconnect' })]))
  await raw.closed
  expect(running.lines.some(line => line.includes('"hasty"') && line.includes('disconnected'))).toBe(true)
})
