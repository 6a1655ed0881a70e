import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { holdLock } from '../../support/abuse/hold-lock.ts'
import { keptState } from '../../support/kept-state.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf, registerUser } from '../../support/story.ts'

/** The data folder as a kill at this moment would leave it, and a broker started on it. */
async function afterKill({ admin }: RunningApp): Promise<RunningApp> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-killed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await admin.backUp(join(folder, 'data'))
  return startApp({ dataDir: join(folder, 'data') })
}

async function claimAs(running: RunningApp, username: string, deviceId: string) {
  const issued = await running.admin.provisioning.issueClaimCode(deviceId)
  if (typeof issued === 'string') throw new Error(issued)
  const { client, ...user } = await registerUser(running, username)
  const claim = () => client.request('device/claim', { deviceId, code: issued.claimCode })
  return { client, claim, ...user }
}

test('a release that a kill cuts off before the state is removed leaves nothing for the next owner', async () => {
  await using running = await startApp()
  const { device, client: ann } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })

  const lock = await holdLock(join(running.config.dataDir, 'mqtt.db'), 'begin immediate')
  expect((await ann.request('device/release', { deviceId: 'lamp-1' })).code).toBe(0)
  expect(keptState(running.config.dataDir, 'lamp-1')).toEqual({ on: true }) // it could not be removed yet
  await using killed = await afterKill(running)
  expect(keptState(killed.config.dataDir, 'lamp-1')).toBeUndefined()
  const later = await claimAs(killed, 'later', 'lamp-1')
  expect(await later.claim()).toMatchObject({ code: 0, data: { state: {} } })

  // And without a kill: nobody has the device before the state is gone.
  const next = await claimAs(running, 'next', 'lamp-1')
  expect((await next.claim()).code).toBe(5000)
  await lock.release()
  expect(await next.claim()).toMatchObject({ code: 0, data: { state: {} } })
  expect(keptState(running.config.dataDir, 'lamp-1')).toBeUndefined()
  await Promise.all([ann, later.client, next.client].map(client => client[Symbol.asyncDispose]()))
})

test('a report that cannot be kept is not acknowledged, and is kept when it comes again', async () => {
  await using running = await startApp()
  const { device, client: ann } = await ownerOf(running, 'lamp-1', 'lamp')
  const lamp = await connectAsDevice(running, device)
  await using lock = await holdLock(join(running.config.dataDir, 'mqtt.db'), 'begin immediate')
  const acknowledged = lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  await lamp.closed()
  await lamp[Symbol.asyncDispose]()
  await expect(acknowledged).rejects.toThrow()
  await lock.release()
  await using back = await connectAsDevice(running, device)
  await back.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  expect(keptState(running.config.dataDir, 'lamp-1')).toEqual({ on: true })
  await ann[Symbol.asyncDispose]()
})

test('a will on the state that a killed broker left is folded into the state, retain flag or not', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'lamp-1', 'lamp')
  const topic = topics.state('lamp-1')
  const will = { topic, payload: Buffer.from('{"brightness":5}'), qos: 1, retain: true } as const
  await using lamp = await connectAsDevice(running, device, { will })
  await lamp.mqtt.publishAsync(topic, '{"on":true}', { qos: 1 })
  await using killed = await afterKill(running)
  expect(keptState(killed.config.dataDir, 'lamp-1')).toEqual({ on: true, brightness: 5 })
  await using phone = await connectWithToken(killed.wsUrl, token)
  expect(await phone.request('device/list')).toMatchObject({ data: [{ state: { on: true, brightness: 5 } }] })
  await phone.subscribe(topic)
  expect(JSON.parse((await phone.message(topic)).payload)).toEqual({ on: true, brightness: 5 })
  await client[Symbol.asyncDispose]()
})

test('a backup made while the broker runs copies the rights last', async () => {
  await using running = await startApp()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-backup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const files = await running.admin.backUp(folder)
  expect(files.indexOf('latchkey.db')).toBeGreaterThan(files.indexOf('mqtt.db'))
})
