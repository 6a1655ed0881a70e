import { join } from 'node:path'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectClient, connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { got, user } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { registerUser } from '../../support/story.ts'

const device = { clientId: 'd1', username: 'device', password: 'x', clean: false }

test('a client that begins too many messages at QoS 2 is closed, and no fault is announced', async () => {
  await using running = await startBroker({ limits: { qos2Window: 2 } })
  const reasons: string[] = []
  running.events.on('session-closed', ({ reason }) => reasons.push(reason))
  const client = await connectRaw('tcp', running.port, device)
  const packets = packetsOf(client)
  for (const messageId of [1, 2, 3]) {
    const message = { topic: 'devices/d1/event/x', payload: 'x', qos: 2, messageId, dup: false, retain: false } as const
    client.send(generate({ cmd: 'publish', ...message }))
  }
  await client.closed
  await expect.poll(() => reasons).toEqual(['qos2-window-full'])
  expect(got(packets, 'pubrec', 3)()).toBeUndefined()
  expect(running.faults).toEqual([])
})

test('PUBREC for a message that is not there any more is answered by PUBREL, and the connection stays', async () => {
  await using running = await startBroker()
  const client = await connectRaw('tcp', running.port, device)
  const packets = packetsOf(client)
  client.send(generate({ cmd: 'pubrec', messageId: 9 }))
  await expect.poll(got(packets, 'pubrel', 9)).toBeDefined()
  client.send(generate({ cmd: 'pingreq' }))
  await expect.poll(got(packets, 'pingresp')).toBeDefined()
  client.close()
})

test('a redelivered QoS 2 request is carried out once', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'twice', username: 'jwt', password: token })
  const request = {
    cmd: 'publish',
    topic: 'request/twice/account/me',
    payload: '{}',
    qos: 2,
    messageId: 7,
    retain: false,
  } as const
  const answered = () =>
    running.lines.filter(line => line.includes('"request-answered"') && line.includes('account/me')).length
  await exchange(raw, { ...request, dup: false })
  await exchange(raw, { ...request, dup: true })
  await expect.poll(answered).toBe(1)
  expect((await client.request('account/me')).code).toBe(0)
  expect(answered()).toBe(2)
  raw.close()
  await client[Symbol.asyncDispose]()
})

test('a command at QoS 2 that is sent again is only acknowledged again: its device has it once, and its sender is told once', async () => {
  await using running = await startBroker()
  await using lamp = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  await lamp.subscribe('devices/d1/invoke/blink', 1)
  const sender = await connectRaw('tcp', running.port, { clientId: 'c', ...user })
  const command = { cmd: 'publish', topic: 'devices/d1/invoke/blink', payload: '{}', qos: 2, retain: false } as const
  for (const [messageId, dup] of [
    [7, false],
    [7, true],
    [8, false],
  ] as const)
    expect((await exchange(sender, { ...command, messageId, dup })).cmd).toBe('pubrec')
  await expect.poll(() => lamp.received.length).toBe(2) // 7 once, and 8
  expect((await exchange(sender, { cmd: 'pubrel', messageId: 7 })).cmd).toBe('pubcomp')
  expect((await exchange(sender, { ...command, messageId: 7, dup: false })).cmd).toBe('pubrec')
  await expect.poll(() => lamp.received.length).toBe(3)
  sender.close()
})

test('a release that could not be kept is not acknowledged: the next message by that packet id would be lost', async () => {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 1000, maxBytes: 1e9 } })
  await using running = await startBroker({ store })
  const sender = await connectRaw('tcp', running.port, device)
  const packets = packetsOf(sender)
  const message = {
    topic: 'devices/d1/event/x',
    payload: 'x',
    qos: 2,
    messageId: 7,
    dup: false,
    retain: false,
  } as const
  expect((await exchange(sender, { cmd: 'publish', ...message })).cmd).toBe('pubrec')
  sqlite.exec("create temp trigger full before delete on incoming begin select raise(fail, 'disk full'); end")
  sender.send(generate({ cmd: 'pubrel', messageId: 7 }))
  await sender.closed
  expect(got(packets, 'pubcomp', 7)()).toBeUndefined()
  sqlite.exec('drop trigger full')
})

test('messages that a clean session has begun end with it, also when a guest that signs in takes its id', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'twice', username: 'jwt', password: token })
  const begun = {
    topic: 'request/twice/account/me',
    payload: '{}',
    qos: 2,
    messageId: 7,
    dup: false,
    retain: false,
  } as const
  expect((await exchange(raw, { cmd: 'publish', ...begun })).cmd).toBe('pubrec')
  const guest = await connectGuest(running.wsUrl, { clientId: 'twice' })
  expect((await guest.request('auth/login', { code: wechatCode('alice') })).code).toBe(0)
  await raw.closed
  await guest[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  const file = new Database(join(running.config.dataDir, 'mqtt.db'), { readonly: true })
  await expect.poll(() => file.prepare('select client, message_id from incoming').all()).toEqual([])
  file.close()
})

test('PUBREL for what was never begun is answered by PUBCOMP [MQTT-4.3.3-2]', async () => {
  await using running = await startBroker()
  const client = await connectRaw('tcp', running.port, device)
  expect((await exchange(client, { cmd: 'pubrel', messageId: 9 })).cmd).toBe('pubcomp')
  client.close()
})
