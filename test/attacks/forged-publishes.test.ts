import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { createMemoryStore } from '../support/in-memory.ts'
import { connectGuest, connectWithToken } from '../support/mqtt-client.ts'
import { retainedOf } from '../support/retained-of.ts'
import { startApp } from '../support/start-app.ts'
import { logged, operatorToken } from '../support/story.ts'

test('a refused publish is acknowledged and the session goes on; the twentieth in a minute ends it', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  for (let i = 0; i < 19; i++) await guest.mqtt.publishAsync('devices/x/state', '{}', { qos: 1 })
  expect((await guest.request('account/me')).code).toBe(4003)
  expect(JSON.parse((await guest.message(topics.notify(guest.id, 'denied'))).payload)).toMatchObject({
    topic: 'devices/x/state',
    rule: 'no-rule',
  })
  guest.mqtt.publish('devices/x/state', '{}')
  await guest.closed()
  expect(logged(running, 'session-closed', 'too-many-refused-publishes')).toBe(true)
})

test('a refused publish reaches nobody and is not retained', async () => {
  const mqttStore = createMemoryStore()
  await using running = await startApp({ mqttStore })
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  expect(await operator.subscribe('devices/#', 1)).toBe(1)
  await using guest = await connectGuest(running.wsUrl)
  await guest.mqtt.publishAsync('devices/x/event/y', 'forged', { qos: 1 })
  await guest.mqtt.publishAsync('devices/x/state', 'forged', { qos: 1, retain: true })
  await guest.message(topics.notify(guest.id, 'denied'), ({ payload }) => payload.includes('x/state'))
  expect((await operator.request('account/me')).code).toBe(0)
  expect(operator.received.filter(({ payload }) => payload === 'forged')).toEqual([])
  const retained = await retainedOf(mqttStore)
  expect(retained.filter(({ topic }) => topic === 'devices/x/state')).toEqual([])
})

test.each(['set', 'invoke/blink'])('a refused %s is told with the id of the command, at every QoS', async command => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  for (const qos of [0, 1, 2] as const) {
    const id = `tap-${qos}`
    await guest.mqtt.publishAsync(`devices/x/${command}`, JSON.stringify({ id, on: true }), { qos })
    const { payload } = await guest.message(topics.notify(guest.id, 'denied'), ({ payload }) => payload.includes(id))
    expect(JSON.parse(payload)).toEqual({
      id,
      topic: `devices/x/${command}`,
      code: 4003,
      msg: expect.any(String),
      rule: 'no-rule',
    })
  }
})

test('what is no command, has no id that is one, or is too large is told without', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  const refused = [
    ['devices/x/event/y', '{"id":"1"}'],
    ['devices/x/set', '{"id":1}'],
    ['devices/x/set', 'no JSON'],
    ['devices/x/set', `{"id":"1","pad":"${' '.repeat(17_000)}"}`],
  ] as const
  for (const [topic, payload] of refused) await guest.mqtt.publishAsync(topic, payload, { qos: 1 })
  const told = () => guest.received.filter(({ topic }) => topic === topics.notify(guest.id, 'denied'))
  await expect.poll(() => told().length).toBe(refused.length)
  expect(told().filter(({ payload }) => 'id' in JSON.parse(payload))).toEqual([])
})
