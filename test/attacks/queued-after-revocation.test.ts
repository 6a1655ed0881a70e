import { expect, test } from 'vitest'
import { connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { connectAsDevice, leave, ownerOf } from '../support/story.ts'

test('what was queued while a user had the grant is not delivered after the grant went', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.subscribe('devices/s1/event/+', 1)
  await leave(running, phone)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'queued', { qos: 1 })
  expect((await client.request('device/release', { deviceId: 's1' })).code).toBe(0)
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('nothing is queued for a user who has no grant any more, even if the grant comes back', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const away = await connectWithToken(running.wsUrl, token, { clientId: 'away', clean: false })
  await away.subscribe('devices/s1/event/+', 1)
  await away[Symbol.asyncDispose]()
  await expect
    .poll(() => running.lines.some(line => line.includes('session-closed') && line.includes('"away"')))
    .toBe(true)
  await client.request('device/release', { deviceId: 's1' })
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'private to the next owner', { qos: 1 })
  const reset = await running.admin.provisioning.resetDevice('s1')
  if (reset === 'unknown' || reset.claimCode === null) throw new Error('no claim code')
  expect((await client.request('device/claim', { deviceId: 's1', code: reset.claimCode })).code).toBe(0)
  await using back = await connectWithToken(running.wsUrl, token, { clientId: 'away', clean: false })
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await client[Symbol.asyncDispose]()
})
