import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { startGatedWechat } from '../../support/gated-wechat.ts'
import { connectGuest, connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

test('a guest may ask at QoS 0 and 1 only', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  await guest.mqtt.publishAsync(topics.request(guest.id, 'account/me'), '{}', { qos: 2 })
  const denied = await guest.message(topics.notify(guest.id, 'denied'))
  expect(JSON.parse(denied.payload)).toMatchObject({ rule: 'guest-qos' })
  expect((await guest.request('account/me')).code).toBe(4003)
  expect(guest.received.filter(({ topic }) => topic === topics.reply(guest.id, 'account/me'))).toHaveLength(1)
})

test.each(['state', 'ack', 'event/motion'])(
  'what a device says on %s is not passed on when it is too long',
  async kind => {
    await using running = await startApp({ configure: c => ({ ...c, limits: { ...c.limits, maxEventBytes: 100 } }) })
    const { device, client } = await ownerOf(running, 's1')
    await client.subscribe('devices/s1/#', 1)
    await using sensor = await connectAsDevice(running, device)
    for (const size of [101, 100]) await sensor.mqtt.publishAsync(`devices/s1/${kind}`, 'x'.repeat(size), { qos: 1 })
    expect((await client.message(`devices/s1/${kind}`)).payload).toHaveLength(100)
    await client[Symbol.asyncDispose]()
  },
)

test('what a device reports with the retain flag does not take the place of its whole state', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true,"brightness":10}', { qos: 1 })
  const state = async () => ((await client.request('device/list')).data as unknown as { state: unknown }[])[0]?.state
  await expect.poll(state).toEqual({ on: true, brightness: 10 })
  await client.subscribe('devices/lamp-1/state', 1)
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), 'no state', { qos: 1, retain: true })
  await client.message(topics.state('lamp-1'), ({ payload }) => payload === 'no state')
  await using later = await connectWithToken(running.wsUrl, token)
  await later.subscribe(topics.state('lamp-1'), 1)
  expect(JSON.parse((await later.message(topics.state('lamp-1'))).payload)).toEqual({ on: true, brightness: 10 })
  await client[Symbol.asyncDispose]()
})

test('a command that the thing model refuses does not reach the device', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe('devices/lamp-1/set', 1)
  await lamp.subscribe('devices/lamp-1/invoke/+', 1)
  await client.mqtt.publishAsync(topics.set('lamp-1'), '{"brightness":101}', { qos: 1 })
  await client.mqtt.publishAsync(topics.invoke('lamp-1', 'explode'), '{}', { qos: 1 })
  await client.mqtt.publishAsync(topics.set('lamp-1'), '{"brightness":100}', { qos: 1 })
  expect((await lamp.message('devices/lamp-1/#')).payload).toBe('{"brightness":100}')
  const denied = client.received.filter(({ topic }) => topic === topics.notify(client.id, 'denied'))
  expect(denied.map(({ payload }) => JSON.parse(payload).code)).toEqual([2005, 2005])
  expect(lamp.received).toHaveLength(1)
  await client[Symbol.asyncDispose]()
})

test('the number of waiting requests of one session is bounded', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  await using guest = await connectGuest(running.wsUrl)
  guest.send('auth/login', { code: 'slow:nobody' })
  await wechat.asked
  for (let i = 0; i < 15; i++) guest.send('account/me')
  expect(await guest.request('account/me')).toMatchObject({ code: 4029, data: { retryAfter: 1 } })
  wechat.answer()
  const answered = () => guest.received.filter(({ topic }) => topic === topics.reply(guest.id, 'account/me')).length
  await expect.poll(answered).toBe(16)
  expect((await guest.request('account/me')).code).toBe(4003)
})

test('a request that is too long is refused for it, though what is left of it may be read', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  guest.mqtt.publish(topics.request(guest.id, 'account/me'), `{}${' '.repeat(17_000)}`)
  const { payload } = await guest.message(topics.reply(guest.id, 'account/me'))
  expect(JSON.parse(payload)).toMatchObject({ code: 4000, msg: expect.stringContaining('larger than') })
})

test.each([0, 1] as const)(
  'a command at QoS %i that comes between a device’s CONNACK and its SUBSCRIBE is answered as offline',
  async qos => {
    await using running = await startApp()
    const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
    await using lamp = await connectAsDevice(running, device)
    const offline = client.message(topics.notify(client.id, 'device-offline'))
    client.mqtt.publish(topics.set('lamp-1'), '{"id":"1","on":true}', { qos })
    expect(JSON.parse((await offline).payload)).toMatchObject({ id: '1', code: 2004 })
    await lamp.subscribe(topics.set('lamp-1'), 1)
    client.mqtt.publish(topics.set('lamp-1'), '{"id":"2","on":true}', { qos })
    expect(JSON.parse((await lamp.message(topics.set('lamp-1'))).payload).id).toBe('2')
    await client[Symbol.asyncDispose]()
  },
)
