import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectClient, connectWithToken } from '../../support/mqtt-client.ts'
import { connectPacket, got } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { type RunningApp, type StartOptions, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, leave, ownerOf } from '../../support/story.ts'

/** A data folder that programs are started on one after the other. */
async function dataFolder() {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-restart-'))
  return {
    start: (options: StartOptions = {}) => startApp({ ...options, dataDir }),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  }
}

/** A service's token for everything under `app/`. */
async function serviceToken(running: RunningApp, name = 'pipeline'): Promise<string> {
  const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
  return (await running.admin.tokens.issueForService(name, acl, 3600)).token
}

/** A connection whose every packet is seen, CONNACK first. */
async function openRaw(running: RunningApp, token: string, clientId: string, clean = false) {
  const client = await openTcp(running.app.ports.mqtt)
  const packets = packetsOf(client)
  client.send(connectPacket(clientId, clean, token))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  const published = () => packets.flatMap(packet => (packet.cmd === 'publish' ? [packet] : []))
  return { ...client, packets, published }
}

const asService = (token: string, clientId: string) => ({ clientId, username: 'jwt', password: token })

test('the queue of a stored session outlives the broker: in order, each message once, and with DUP what was sent already', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const token = await serviceToken(first)
  const reader = await connectClient(first.mqttUrl, { ...asService(token, 'reader'), clean: false })
  expect(await reader.subscribe('app/#', 1)).toBe(1)
  expect(await reader.subscribe('app/jobs/+', 2)).toBe(2) // overlaps
  await leave(first, reader)
  const writer = await connectClient(first.mqttUrl, asService(token, 'writer'))
  for (const n of [1, 2, 3]) await writer.mqtt.publishAsync('app/jobs/a', `${n}`, { qos: 1 })
  await leave(first, writer)
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  const other = await connectClient(second.mqttUrl, asService(token, 'writer'))
  for (const n of [4, 5]) await other.mqtt.publishAsync('app/jobs/a', `${n}`, { qos: 1 })
  await leave(second, other)
  const silent = await openRaw(second, token, 'reader')
  await expect.poll(silent.published).toHaveLength(5)
  const sent = silent.published()
  expect(sent.map(({ payload, dup }) => [String(payload), dup])).toEqual([1, 2, 3, 4, 5].map(n => [`${n}`, false]))
  silent.send(generate({ cmd: 'puback', messageId: sent[0]?.messageId ?? 0 }))
  silent.send(generate({ cmd: 'pingreq' }))
  await expect.poll(got(silent.packets, 'pingresp')).toBeDefined()
  silent.close()

  const back = await openRaw(second, token, 'reader')
  await expect.poll(back.published).toHaveLength(4)
  const again = back.published()
  expect(again.map(({ payload, dup }) => [String(payload), dup])).toEqual([2, 3, 4, 5].map(n => [`${n}`, true]))
  expect(again.map(({ messageId }) => messageId)).toEqual(sent.slice(1).map(({ messageId }) => messageId))
  back.close()
})

test('CONNACK says whether there is a session, with and without subscriptions, before and after a restart', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const token = await serviceToken(first)
  const sessionPresent = async (running: RunningApp, clientId: string, clean = false) => {
    const client = await openRaw(running, token, clientId, clean)
    const [connack] = client.packets
    client.close()
    return connack?.cmd === 'connack' && connack.sessionPresent
  }
  const subscribed = await connectClient(first.mqttUrl, { ...asService(token, 'with'), clean: false })
  await subscribed.subscribe('app/x', 1)
  await leave(first, subscribed)
  expect(await sessionPresent(first, 'without')).toBe(false)
  expect(await sessionPresent(first, 'without')).toBe(true)
  expect(await sessionPresent(first, 'with')).toBe(true)
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  expect(await sessionPresent(second, 'without')).toBe(true)
  expect(await sessionPresent(second, 'with')).toBe(true)
  expect(await sessionPresent(second, 'with', true)).toBe(false)
  expect(await sessionPresent(second, 'with')).toBe(false)
})

test('retained messages outlive the broker, and one that was cleared does not', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const token = await serviceToken(first)
  const writer = await connectClient(first.mqttUrl, asService(token, 'writer'))
  for (const topic of ['app/a', 'app/b']) await writer.mqtt.publishAsync(topic, 'kept', { qos: 1, retain: true })
  await writer.mqtt.publishAsync('app/a', '', { qos: 1, retain: true })
  await leave(first, writer)
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  await using reader = await connectClient(second.mqttUrl, asService(token, 'reader'))
  await reader.subscribe('app/+', 1)
  expect(await reader.message('app/b')).toMatchObject({ payload: 'kept', retain: true })
  expect(reader.received).toHaveLength(1)
})

test('a follower is kept, after a restart, what its devices say, and nothing of a device that was given up meanwhile', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const { device, client, token } = await ownerOf(first, 's1')
  const given = await addDevice(first, 'sensor', 's2')
  expect((await client.request('device/claim', { deviceId: 's2', code: given.claimCode })).code).toBe(0)
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(first.wsUrl, token, stored)
  await phone.subscribe('devices/+/event/+', 1)
  await leave(first, phone)
  expect((await client.request('device/release', { deviceId: 's2' })).code).toBe(0)
  await client[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  for (const from of [given, device]) {
    await using sensor = await connectAsDevice(second, from)
    await sensor.mqtt.publishAsync(`devices/${from.id}/event/motion`, 'x', { qos: 1 })
  }
  await using back = await connectWithToken(second.wsUrl, token, stored)
  await back.message('devices/s1/event/motion')
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ topic }) => topic.includes('/event/')).map(({ topic }) => topic)).toEqual([
    'devices/s1/event/motion',
  ])
})

test('a session whose owner was shut out is kept nothing more, a restart notwithstanding', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const { device, client, token } = await ownerOf(first, 's1')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(first.wsUrl, token, stored)
  await phone.subscribe('devices/s1/event/+', 1)
  await leave(first, phone)
  expect((await client.request('auth/logout', { everywhere: true })).code).toBe(0)
  await client[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  await using sensor = await connectAsDevice(second, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'secret', { qos: 1 })
  const issued = await second.admin.administration.issueToken({ user: 'owner-of-s1' })
  if (typeof issued === 'string') throw new Error(issued)
  await using back = await connectWithToken(second.wsUrl, issued.token, stored)
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ payload }) => payload === 'secret')).toEqual([])
})

test('a session whose token was revoked while the broker was down is kept nothing more', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const token = await serviceToken(first)
  const reader = await connectClient(first.mqttUrl, { ...asService(token, 'reader'), clean: false })
  await reader.subscribe('app/#', 1)
  await leave(first, reader)
  await first.app.stop()
  expect(await first.admin.administration.revokeToken(token)).not.toBe('unknown')
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  const newToken = await serviceToken(second)
  await using writer = await connectClient(second.mqttUrl, asService(newToken, 'writer'))
  await writer.mqtt.publishAsync('app/x', 'secret', { qos: 1 })
  await using back = await connectClient(second.mqttUrl, { ...asService(newToken, 'reader'), clean: false })
  await writer.mqtt.publishAsync('app/x', 'after', { qos: 1 })
  await back.message('app/x', ({ payload }) => payload === 'after')
  expect(back.received).toHaveLength(1)
})

test('a message at QoS 2 that was begun before a restart is released after it, and comes once', async () => {
  await using folder = await dataFolder()
  const first = await folder.start()
  const token = await serviceToken(first)
  const reader = await connectClient(first.mqttUrl, { ...asService(token, 'reader'), clean: false })
  await reader.subscribe('app/once', 2)
  await leave(first, reader)
  const writer = await openRaw(first, token, 'writer')
  const publish = { cmd: 'publish', topic: 'app/once', payload: 'x', qos: 2, messageId: 7, retain: false } as const
  writer.send(generate({ ...publish, dup: false }))
  await expect.poll(got(writer.packets, 'pubrec', 7)).toBeDefined()
  writer.close()
  await first[Symbol.asyncDispose]()

  await using second = await folder.start()
  const again = await openRaw(second, token, 'writer')
  again.send(generate({ ...publish, dup: true }))
  await expect.poll(got(again.packets, 'pubrec', 7)).toBeDefined()
  again.send(generate({ cmd: 'pubrel', messageId: 7 }))
  await expect.poll(got(again.packets, 'pubcomp', 7)).toBeDefined()
  again.close()
  await using back = await connectClient(second.mqttUrl, { ...asService(token, 'reader'), clean: false })
  await back.message('app/once')
  await back.mqtt.publishAsync('app/after', '', { qos: 1 })
  expect(back.received).toHaveLength(1)
})
