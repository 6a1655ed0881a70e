import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { subscribeAll } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { password, registerUser } from '../support/story.ts'

test("nobody reads another client's replies and notifications, asks in its name, or answers in ours", async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const { client: mallory } = await registerUser(running, 'mallory')
  const filters = [`reply/${alice.id}/#`, `reply/${alice.id}/auth/refresh`, 'reply/+/auth/refresh', 'reply/#']
  filters.push(`notify/${alice.id}/#`, 'notify/+/+', `request/${alice.id}/#`, '+/+/auth/refresh')
  expect(await subscribeAll(mallory, filters)).toEqual(filters.map(() => 128))
  const before = mallory.received.length

  expect((await alice.request('auth/refresh')).code).toBe(0)
  const heard = alice.received.length
  await mallory.mqtt.publishAsync(topics.request(alice.id, 'auth/logout'), '{"everywhere":true}', { qos: 1 })
  await mallory.mqtt.publishAsync(topics.reply(alice.id, 'auth/refresh'), '{"code":0,"data":"forged"}', { qos: 1 })
  await mallory.mqtt.publishAsync(topics.notify(alice.id, 'devices'), '{}', { qos: 1, retain: true })
  await mallory.message(topics.notify(mallory.id, 'denied'), ({ payload }) => payload.includes('notify/'))
  expect((await alice.request('auth/password', { current: password, next: password })).code).toBe(0)
  expect(alice.received.slice(heard).map(({ topic }) => topic)).toEqual([topics.reply(alice.id, 'auth/password')])
  expect((await mallory.request('account/me')).code).toBe(0)
  const snooped = mallory.received.slice(before).filter(({ topic }) => topic.includes(alice.id))
  expect(snooped).toEqual([])
  for (const one of [alice, mallory]) await one[Symbol.asyncDispose]()
})
