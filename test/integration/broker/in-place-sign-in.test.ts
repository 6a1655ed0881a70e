import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest, connectWithToken, wechatCode } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, operatorToken, ownerOf, password, registerUser } from '../../support/story.ts'

test('a guest is refused devices/#, signs in on the same connection, and may follow its devices then', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  expect(await guest.subscribe('devices/#')).toBe(128)
  expect(await guest.request('auth/login', { code: wechatCode('alice') })).toMatchObject({ code: 1001, data: null })
  expect(
    await guest.request('auth/register', { username: 'alice', password, code: wechatCode('alice') }),
  ).toMatchObject({ code: 0, msg: '' })
  expect(await guest.subscribe('devices/#')).toBe(0)
  expect((await guest.request('account/me')).data).toMatchObject({ username: 'alice', role: 'user' })
})

test('what a user claims reaches its open wildcard subscription, and nobody else hears of it', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using lamp = await connectAsDevice(running, device)
  const alice = (await registerUser(running, 'alice')).client
  const bob = (await registerUser(running, 'bob')).client
  await alice.subscribe('devices/+/state')
  await bob.subscribe('devices/+/state')

  expect((await alice.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })).code).toBe(0)
  await lamp.subscribe(topics.set('lamp-1'), 1)
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true}')
  expect((await alice.message(topics.state('lamp-1'))).payload).toBe('{"on":true}')

  alice.mqtt.publish(topics.set('lamp-1'), '{"id":"1","on":false}', { qos: 1 })
  expect(JSON.parse((await lamp.message(topics.set('lamp-1'))).payload)).toEqual({ id: '1', on: false })

  expect(await bob.subscribe(topics.state('lamp-1'))).toBe(128)
  bob.mqtt.publish(topics.set('lamp-1'), '{"on":true}', { qos: 1 })
  expect(JSON.parse((await bob.message(topics.notify(bob.id, 'denied'))).payload)).toMatchObject({
    code: 4003,
    rule: 'no-rule',
  })
  expect(bob.received.filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

test('the whole state is retained, though members hear each report as it was sent', async () => {
  await using running = await startApp()
  const { device, client: alice, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await alice.subscribe('devices/+/state')
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true,"brightness":10}')
  lamp.mqtt.publish(topics.state('lamp-1'), '{"brightness":20,"unheardOf":1}')
  await alice.message(topics.state('lamp-1'), ({ payload }) => payload.includes('20'))
  const whole = async () => (await alice.request('device/list')).data as unknown as { state: unknown }[]
  await expect.poll(async () => (await whole())[0]?.state).toEqual({ on: true, brightness: 20 })

  await using later = await connectWithToken(running.wsUrl, token)
  await later.subscribe('devices/+/#', 1)
  const retained = await later.message(topics.state('lamp-1'))
  expect({ ...retained, payload: JSON.parse(retained.payload) }).toMatchObject({
    payload: { on: true, brightness: 20 },
    retain: true,
  })
  expect(JSON.parse((await later.message(topics.presence('lamp-1'))).payload)).toMatchObject({ online: true })
  await alice[Symbol.asyncDispose]()
})

test('a released device is out of reach at once, its retained state gone, and its owner is told', async () => {
  await using running = await startApp()
  const { device, client: alice, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await alice.subscribe('devices/+/state')
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true}')
  await alice.message(topics.state('lamp-1'))
  expect((await alice.request('device/release', { deviceId: 'lamp-1' })).code).toBe(0)
  await alice.message(topics.notify(alice.id, 'devices'), ({ payload }) => JSON.parse(payload).role === null)

  const before = alice.received.length
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":false}')
  alice.mqtt.publish(topics.set('lamp-1'), '{"on":true}', { qos: 1 })
  await alice.message(topics.notify(alice.id, 'denied'))
  expect(alice.received.slice(before).filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await using again = await connectWithToken(running.wsUrl, token)
  expect((await again.request('device/list')).data).toEqual([])
  await alice[Symbol.asyncDispose]()
})

test('an operator sees every device, and a service exactly what its acl lists', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using lamp = await connectAsDevice(running, device)
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  const issued = await running.admin.administration.issueServiceToken({
    name: 'flow',
    publish: ['app/flow/#'],
    subscribe: ['devices/+/state', 'app/flow/#'],
  })
  if (!('token' in issued)) throw new Error(JSON.stringify(issued))
  await using service = await connectClient(running.mqttUrl, { username: 'jwt', password: issued.token })
  expect(await operator.subscribe('devices/#')).toBe(0)
  expect(await service.subscribe('devices/+/state')).toBe(0)
  expect(await service.subscribe('devices/+/ack')).toBe(128)
  expect(await service.subscribe('app/flow/#', 2)).toBe(2)
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true}')
  await operator.message(topics.state('lamp-1'))
  await service.message(topics.state('lamp-1'))
  service.mqtt.publish('app/flow/kept', 'x', { qos: 2, retain: true })
  expect(await service.message('app/flow/kept')).toMatchObject({ payload: 'x', qos: 2 })
  service.mqtt.publish('app/other', 'x', { qos: 1 })
  await expect
    .poll(() => running.lines.some(line => line.includes('publish-refused') && line.includes('app/other')))
    .toBe(true)
})
