import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { topics } from '../../src/protocol/topics.ts'
import { connectClient } from '../support/mqtt-client.ts'

test('after kill -9 presence is true for every device: one that was online is offline until it is back, and its state is known', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  const first = await startLatchkey(dataDir)
  const device = await first.run(['device', 'add', '--type', 'lamp', '--id', 'lamp-1'])
  await first.run(['user', 'add', 'root', '--role', 'operator', '--password-stdin'], 'a password')
  const { token } = await first.run(['token', 'issue', '--user', 'root'])
  const left = await first.run(['device', 'add', '--type', 'lamp', '--id', 'lamp-that-left'])
  await first.run(['device', 'add', '--type', 'lamp', '--id', 'lamp-never-seen'])
  const asDevice = { clientId: 'lamp-1', username: 'lamp-1', password: device.secret ?? '' }
  const asOperator = { username: 'jwt', password: token ?? '' }

  const lamp = await connectClient(first.mqttUrl, asDevice)
  const before = await connectClient(first.wsUrl, asOperator)
  await before.subscribe('devices/#', 1)
  const leaving = { clientId: 'lamp-that-left', username: 'lamp-that-left', password: left.secret ?? '' }
  await (await connectClient(first.mqttUrl, leaving))[Symbol.asyncDispose]()
  await before.message(topics.presence('lamp-that-left'), ({ payload }) => JSON.parse(payload).reason !== undefined)
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  await before.message(topics.state('lamp-1'))
  expect(JSON.parse((await before.message(topics.presence('lamp-1'))).payload)).toMatchObject({ online: true })
  await first.kill()

  const second = await startLatchkey(dataDir)
  const after = await connectClient(second.wsUrl, asOperator)
  await after.subscribe('devices/#', 1)
  expect(JSON.parse((await after.message(topics.presence('lamp-1'))).payload)).toMatchObject({
    online: false,
    reason: 'broker-restart',
  })
  expect(JSON.parse((await after.message(topics.presence('lamp-that-left'))).payload)).toMatchObject({
    online: false,
    reason: 'connection-lost',
  })
  expect(JSON.parse((await after.message(topics.presence('lamp-never-seen'))).payload)).toEqual({
    online: false,
    since: 0,
  })
  expect(JSON.parse((await after.message(topics.state('lamp-1'))).payload)).toEqual({ on: true })
  const back = await connectClient(second.mqttUrl, asDevice)
  await after.message(topics.presence('lamp-1'), ({ payload }) => JSON.parse(payload).online === true)

  await Promise.all([lamp, before, after, back].map(client => client[Symbol.asyncDispose]()))
  expect(await second.stop()).toBe(0)
  await rm(dataDir, { recursive: true, force: true })
})

test('a second broker on the same data folder does not start, and is let in after the first was killed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  const first = await startLatchkey(dataDir)
  await expect(startLatchkey(dataDir)).rejects.toThrow()
  await first.run(['device', 'add', '--type', 'lamp']) // commands go on
  await first.kill()
  expect(await (await startLatchkey(dataDir)).stop()).toBe(0)
  await rm(dataDir, { recursive: true, force: true })
})
