import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { connectAsDevice, operatorToken, ownerOf, registerUser } from '../support/story.ts'

test('nobody writes below $, and only operators read there: a forged $SYS message kicks nobody', async () => {
  await using running = await startApp()
  const { client: alice, token } = await registerUser(running, 'alice')
  const { client: mallory } = await registerUser(running, 'mallory')
  expect(await mallory.subscribe('$SYS/#')).toBe(128)
  expect(await mallory.subscribe('#')).toBe(128)
  await mallory.mqtt.publishAsync('$SYS/other/new/clients', alice.id, { qos: 1 })
  await mallory.message(topics.notify(mallory.id, 'denied'))
  expect((await alice.request('account/me')).code).toBe(0)
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  expect(await operator.subscribe('$SYS/#')).toBe(0)
  await using newcomer = await connectWithToken(running.wsUrl, token)
  await operator.message('$SYS/+/new/clients', ({ payload }) => payload === newcomer.id)
  await alice[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

test('no wildcard, however it is spelled, shows a user anything of others', async () => {
  await using running = await startApp()
  const { device, client: alice } = await ownerOf(running, 'lamp-1', 'lamp')
  const { client: mallory } = await registerUser(running, 'mallory')
  const filters = ['#', '+/#', '+/+/state', '+', '/#', '/+/+/state', 'devices/lamp-1/#', 'devices/lamp-1/+', '$SYS/#']
  filters.push(
    '$share/g/devices/#',
    '$share/g/#',
    '$follow/devices/#',
    '$follow/devices/+/state',
    '$latchkey/#',
    '$+/#',
  )
  for (const filter of filters) expect(await mallory.subscribe(filter, 1).catch(() => 128), filter).toBe(128)
  expect(await mallory.subscribe('devices/#', 1)).toBe(1) // follows what is theirs: nothing
  const before = mallory.received.length
  await using lamp = await connectAsDevice(running, device)
  await alice.subscribe('devices/+/#')
  await lamp.mqtt.publishAsync('devices/lamp-1/state', '{"on":true}', { qos: 1 })
  await alice.message('devices/lamp-1/state')
  expect((await mallory.request('account/me')).code).toBe(0)
  expect(mallory.received.slice(before).filter(({ topic }) => !topic.startsWith('reply/'))).toEqual([])
  for (const one of [alice, mallory]) await one[Symbol.asyncDispose]()
})
