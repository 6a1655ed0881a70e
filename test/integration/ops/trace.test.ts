import { expect, test } from 'vitest'
import type { TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, leave, ownerOf, password } from '../../support/story.ts'

/** Starts a trace and follows it. */
async function follow(operator: TestClient, whom: object) {
  const reply = await operator.request('ops/trace', whom)
  expect(reply).toMatchObject({ code: 0 })
  const { topic } = reply.data as { topic: string }
  expect(await operator.subscribe(topic)).toBe(0)
  const lines = () =>
    operator.received.filter(one => one.topic === topic).map((one): Record<string, unknown> => JSON.parse(one.payload))
  return { lines, whats: () => lines().map(({ what, topic: on }) => (on ? `${what} ${on}` : what)) }
}

test('a device is followed through connecting, commands, reports, refusals and leaving', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await ownerOf(running, 'lamp-1', 'lamp')
  await ann.client.subscribe('devices/lamp-1/state')
  const { lines, whats } = await follow(operator, { device: 'lamp-1' })

  const lamp = await connectAsDevice(running, ann.device)
  await lamp.subscribe('devices/lamp-1/set', 1)
  await ann.client.mqtt.publishAsync('devices/lamp-1/set', '{"on":true}', { qos: 1 })
  await lamp.message('devices/lamp-1/set')
  lamp.mqtt.publish('devices/lamp-1/state', '{"on":true}')
  await ann.client.message('devices/lamp-1/state')
  await lamp.mqtt.publishAsync('devices/other/state', '{}', { qos: 1 })
  await leave(running, lamp)

  await expect.poll(() => whats().at(-1)).toBe('disconnected')
  expect(whats().filter(what => what !== 'delivered devices/lamp-1/presence')).toEqual([
    'connected',
    'published devices/lamp-1/set',
    'delivered devices/lamp-1/set',
    'published devices/lamp-1/state',
    'delivered devices/lamp-1/state',
    'publish-refused devices/other/state',
    'disconnected',
  ])
  expect(lines().find(({ what }) => what === 'published')).toMatchObject({
    clientId: ann.client.id,
    rule: 'member-commands',
    qos: 1,
    payload: { on: true },
    address: '127.0.0.1',
  })
  await ann.client[Symbol.asyncDispose]()
})

test('a user is followed by name, and nothing of a request but its name and its answer is shown', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await ownerOf(running, 'lamp-1', 'lamp')
  const { lines, whats } = await follow(operator, { user: 'owner-of-lamp-1' })
  await ann.client.request('auth/password', { current: password, next: password })
  await expect.poll(() => whats()).toContain('answered')
  const published = lines().find(({ what }) => what === 'published')
  expect(published).toMatchObject({ topic: `request/${ann.client.id}/auth/password`, bytes: expect.any(Number) })
  expect(JSON.stringify(lines())).not.toContain(password)
  expect(lines().find(({ what }) => what === 'answered')).toMatchObject({ operation: 'auth/password', code: 0 })
  await ann.client[Symbol.asyncDispose]()
})

test('a trace names one of client, user and device, and only so many are under way', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  expect(await operator.request('ops/trace', {})).toMatchObject({ code: 4000 })
  expect(await operator.request('ops/trace', { client: 'a', device: 'b' })).toMatchObject({ code: 4000 })
  expect(await operator.request('ops/trace', { user: 'nobody' })).toMatchObject({ code: 3001 })
  expect(await operator.request('ops/trace', { client: 'a', minutes: 61 })).toMatchObject({ code: 4000 })
  for (let i = 0; i < 10; i++)
    expect(await operator.request('ops/trace', { client: `c${i}` })).toMatchObject({ code: 0 })
  expect(await operator.request('ops/trace', { client: 'one-more' })).toMatchObject({ code: 4029 })
  expect(await operator.request('ops/audit', { kind: 'trace', limit: 1 })).toMatchObject({
    data: { entries: [{ target: 'client:c9', detail: '5 min' }] },
  })
})
