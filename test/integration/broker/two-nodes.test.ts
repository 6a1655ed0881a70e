import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createAsynchronousBus } from '../../support/asynchronous-bus.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice } from '../../support/packets.ts'
import { connectRaw, packetsOf } from '../../support/raw-client.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'

const state = 'devices/d1/state'

/** Two brokers on one bus: the device `d1` is on `there`, whose user reads on `here`. */
async function startNodes() {
  const bus = createAsynchronousBus()
  const here = await startBroker({ bus: bus.join() })
  const there = await startBroker({ bus: bus.join() })
  return {
    bus,
    here,
    there,
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]()
      await there[Symbol.asyncDispose]()
    },
  }
}

test.each([0, 1, 2] as const)('what is published on one node at QoS %i is read on the other, once', async qos => {
  await using nodes = await startNodes()
  await using user = await connectClient(nodes.here.url, { username: 'jwt' })
  await user.subscribe(state, qos)
  await using device = await connectClient(nodes.there.url, asDevice)
  for (const payload of ['1', '2', '3']) await device.mqtt.publishAsync(state, payload, { qos })
  await user.message(state, ({ payload }) => payload === '3')
  expect(user.received.map(({ payload, qos }) => [payload, qos])).toEqual(['1', '2', '3'].map(text => [text, qos]))
})

test('nothing goes to a node that reads nothing of it, nor after its last reader is gone', async () => {
  await using nodes = await startNodes()
  await using device = await connectClient(nodes.there.url, asDevice)
  await device.mqtt.publishAsync(state, '1', { qos: 1 })
  const users = [
    await connectClient(nodes.here.url, { username: 'jwt' }),
    await connectClient(nodes.here.url, { username: 'jwt' }),
  ]
  for (const user of users) await user.subscribe(state, 1)
  await device.mqtt.publishAsync(state, '2', { qos: 1 })
  await users[0]?.mqtt.unsubscribeAsync(state)
  await device.mqtt.publishAsync(state, '3', { qos: 1 })
  const closed = new Promise<void>(resolve => nodes.here.events.on('session-closed', () => resolve()))
  await users[1]?.[Symbol.asyncDispose]()
  await closed
  await device.mqtt.publishAsync(state, '4', { qos: 1 })
  expect(nodes.bus.carried).toEqual([state, state])
  await users[0]?.[Symbol.asyncDispose]()
})

test('QoS 1 and 2 are acknowledged when the other node has taken them, and what follows stays behind', async () => {
  await using nodes = await startNodes()
  await using user = await connectClient(nodes.here.url, { username: 'jwt' })
  await user.subscribe(state, 1)
  const device = await connectRaw('tcp', nodes.there.port, asDevice)
  const answers = packetsOf(device)
  const answered = () => answers.map(({ cmd, messageId }) => `${cmd} ${messageId ?? ''}`)
  const release = nodes.bus.hold()
  const publish = (topic: string, qos: 1 | 2, messageId: number) =>
    device.send(generate({ cmd: 'publish', topic, payload: 'x', qos, messageId, dup: false, retain: false }))
  publish(state, 1, 1)
  publish(state, 2, 2)
  publish('devices/d1/event/none', 1, 3)
  device.send(generate({ cmd: 'pingreq' }))
  await expect.poll(answered).toEqual(['pingresp '])
  await expect.poll(() => nodes.bus.carried).toEqual([state, state])
  expect([answered(), user.received]).toEqual([['pingresp '], []])
  release()
  await expect.poll(answered).toEqual(['pingresp ', 'puback 1', 'pubrec 2', 'puback 3'])
  device.close()
})

test('a right that ends on one node has ended on the other when the order resolves', async () => {
  await using nodes = await startNodes()
  await using user = await connectClient(nodes.here.url, { username: 'jwt' })
  await user.subscribe(state, 1)
  await using device = await connectClient(nodes.there.url, asDevice)
  await device.mqtt.publishAsync(state, 'seen', { qos: 1 })
  await user.message(state)
  await nodes.there.orders.give('grant-changed', { userId: ownerOfD1().userId, deviceId: 'd1', role: null })
  await device.mqtt.publishAsync(state, 'unseen', { qos: 1 })
  await nodes.there.orders.give('account-signed-out', { userId: ownerOfD1().userId, reason: 'logged-out' })
  await user.closed()
  expect(user.received.map(({ payload }) => payload)).toEqual(['seen'])
})
