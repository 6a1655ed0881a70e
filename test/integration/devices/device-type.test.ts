import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectDevice } from '../../../devices/sdk/connect-device.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import { createDeviceControl } from '../../../src/protocol/device-control.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOf } from '../../support/story.ts'

/** The one that docs/device-types.md shows. */
const page = readFileSync(join(packageRoot(), 'docs', 'device-types.md'), 'utf8')
const fan = JSON.parse(page.match(/```json\n([\s\S]*?)```/)?.[1] ?? '')

/** The program with a folder of further types that holds just this file. */
async function startWith(name: string, content: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-types-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), JSON.stringify(content))
  return startApp({ configure: config => ({ ...config, devices: { ...config.devices, typeFolders: [folder] } }) })
}

test('a type that is one file in a folder of the configuration works from end to end', async () => {
  await using running = await startWith('fan.json', fan)
  const { device, client } = await ownerOf(running, 'fan-1', 'fan')
  const sdk = connectDevice({ url: running.mqttUrl, id: device.id, secret: device.secret })
  onTestFinished(() => sdk.close())
  const calibrated: unknown[] = []
  sdk.report({ speed: 0, rpm: 0 })
  sdk.onSet(({ speed }) => ({ speed: speed ?? 0, rpm: Number(speed) * 300 }))
  sdk.onInvoke('calibrate', input => void calibrated.push(input))

  const control = createDeviceControl({
    publish: (topic, payload) => client.mqtt.publishAsync(topic, payload, { qos: 1 }),
    changed: () => {},
  })
  client.mqtt.on('message', (topic, payload, { retain }) => control.received(topic, payload.toString(), retain))
  await client.subscribe('devices/+/state', 1)
  await client.subscribe('devices/+/ack', 1)
  await client.message(topics.state('fan-1'))

  expect(await control.set('fan-1', { speed: 3 })).toEqual({ done: true })
  expect(control.state('fan-1')).toEqual({ speed: 3, rpm: 900 })
  expect(await control.invoke('fan-1', 'calibrate', { seconds: 5 })).toEqual({ done: true })
  expect(calibrated).toEqual([{ seconds: 5 }])
  for (const [outcome, reason] of [
    [control.set('fan-1', { speed: 6 }), 'speed: must be <= 5'],
    [control.set('fan-1', { rpm: 1 }), 'rpm: '],
    [control.set('fan-1', { colour: 1 }), 'colour: '],
    [control.invoke('fan-1', 'calibrate', { seconds: 11 }), 'must be <= 10'],
    [control.invoke('fan-1', 'explode'), 'explode'],
  ] as const)
    expect(await outcome).toMatchObject({ done: false, code: 2005, msg: expect.stringContaining(reason) })
  expect(control.state('fan-1')).toEqual({ speed: 3, rpm: 900 })

  const { data } = await client.request('device/list')
  expect(data).toMatchObject([{ type: 'fan', model: fan, state: { speed: 3, rpm: 900 }, online: true }])

  await sdk.close()
  await expect
    .poll(async () => ((await client.request('device/list')).data as unknown as { online: boolean }[])[0]?.online)
    .toBe(false)
  expect(await control.set('fan-1', { speed: 1 })).toMatchObject({ done: false, code: 2004 })
  await client[Symbol.asyncDispose]()
})

test('what was asked of a device that does not answer is taken back after the time it has', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
  const sdk = connectDevice({ url: running.mqttUrl, id: device.id, secret: device.secret })
  onTestFinished(() => sdk.close())
  sdk.report({ on: false })
  sdk.onSet(() => new Promise(() => {}))
  const shown: unknown[] = []
  const control = createDeviceControl({
    publish: (topic, payload) => client.mqtt.publishAsync(topic, payload),
    changed: (_id, state) => void shown.push(state.on),
    timeoutMs: 300,
  })
  client.mqtt.on('message', (topic, payload, { retain }) => control.received(topic, payload.toString(), retain))
  await client.subscribe('devices/#')
  await client.message(topics.state('lamp-1'))
  expect(await control.set('lamp-1', { on: true })).toEqual({ done: false, msg: 'no answer in time' })
  expect(shown).toEqual([false, true, false])
  await client[Symbol.asyncDispose]()
})

test('a thing model that is not valid stops the start, with the file, the path in it, and the reason', async () => {
  const broken = { ...fan, properties: { speed: { type: 'integer', minimum: 'low' } } }
  await expect(startWith('fan.json', broken)).rejects.toThrow(
    /fan\.json: \/properties\/speed\/minimum must be a number/,
  )
  await expect(startWith('lamp.json', fan)).rejects.toThrow(/lamp\.json: the type lamp is already defined by/)
})
