import { setTimeout } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectRaw, exchange, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf, serviceToken } from '../../support/story.ts'

const retain = (topic: string, payload: string) =>
  generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: true })

test.each(['app/one', 'app/#'])(
  'who subscribes %s while what is retained there changes is not left with the old one',
  async filter => {
    await using running = await startApp()
    const token = await serviceToken(running)
    const as = { clientId: 'pipeline-1', username: 'jwt', password: token }
    const client = await connectRaw('tcp', running.app.ports.mqtt, as)
    client.send(retain('app/one', 'old'))
    await exchange(client, { cmd: 'pingreq' })
    const packets = packetsOf(client)
    client.send(Buffer.concat([subscribePacket(1, filter), retain('app/one', 'new')]))
    const received = () => packets.flatMap(packet => (packet.cmd === 'publish' ? [String(packet.payload)] : []))
    await expect.poll(() => packets.some(packet => packet.cmd === 'publish' && packet.retain)).toBe(true)
    expect(received().at(-1)).toBe('new')
    client.close()
  },
)

test('a client that subscribes while a retained message is removed is not left with that message', async () => {
  await using running = await startApp()
  const as = { clientId: 'pipeline-1', username: 'jwt', password: await serviceToken(running) }
  const client = await connectRaw('tcp', running.app.ports.mqtt, as)
  client.send(retain('app/one', 'old'))
  await exchange(client, { cmd: 'pingreq' })
  const packets = packetsOf(client)
  client.send(Buffer.concat([subscribePacket(1, 'app/one'), retain('app/one', '')]))
  client.send(subscribePacket(2, 'app/two')) // its SUBACK comes after what the first was sent
  await expect.poll(() => packets.some(packet => packet.cmd === 'suback' && packet.messageId === 2)).toBe(true)
  await new Promise(resolve => setImmediate(resolve))
  const received = packets.flatMap(packet => (packet.cmd === 'publish' ? [String(packet.payload)] : []))
  expect(received.at(-1) ?? '').toBe('') // 'old' may come before, as a message that was still being kept
  client.close()
})

test.each([0, 1] as const)('at QoS %i who subscribes while a device reports ends with its last report', async qos => {
  await using running = await startApp()
  const { device: credentials, client: owner } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, credentials)
  const topic = topics.state('lamp-1')
  await lamp.mqtt.publishAsync(topic, '{"brightness":0}', { qos: 1 })
  await owner.subscribe(topic)
  await owner.message(topic)
  await owner.mqtt.unsubscribeAsync(topic)
  for (let turn = 1; turn <= 40; turn++) {
    const wanted = turn
    owner.received.length = 0
    const subscribed = owner.subscribe(topic, qos)
    if (turn % 2 === 0) await setTimeout(turn / 20)
    lamp.mqtt.publish(topic, JSON.stringify({ brightness: wanted }), { qos })
    await subscribed
    await owner.message(topic, ({ retain: isRetained }) => isRetained)
    await lamp.mqtt.publishAsync(topics.event('lamp-1', 'x'), '', { qos: 1 })
    await owner.request('account/me') // whatever was on its way is there
    expect(JSON.parse(owner.received.filter(one => one.topic === topic).at(-1)?.payload ?? '')).toMatchObject({
      brightness: wanted,
    })
    await owner.mqtt.unsubscribeAsync(topic)
  }
  await owner[Symbol.asyncDispose]()
})

test('what is published at QoS 0 behind a message that is being retained does not overtake it', async () => {
  await using running = await startApp()
  const as = (clientId: string) => ({ clientId, username: 'jwt' })
  const password = await serviceToken(running)
  const reader = await connectRaw('tcp', running.app.ports.mqtt, { ...as('pipeline-2'), password })
  const packets = packetsOf(reader)
  reader.send(subscribePacket(1, 'app/one'))
  await expect.poll(() => packets.length).toBe(1)
  const writer = await connectRaw('tcp', running.app.ports.mqtt, { ...as('pipeline-1'), password })
  const plain = generate({ cmd: 'publish', topic: 'app/one', payload: '2', qos: 0, dup: false, retain: false })
  writer.send(Buffer.concat([retain('app/one', '1'), plain, retain('app/one', '3')]))
  const received = () => packets.flatMap(packet => (packet.cmd === 'publish' ? [String(packet.payload)] : []))
  await expect.poll(received).toEqual(['1', '2', '3'])
  for (const client of [reader, writer]) client.close()
})
