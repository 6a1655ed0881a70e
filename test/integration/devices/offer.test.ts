import { expect, test } from 'vitest'
import { connectDevice } from '../../../devices/sdk/connect-device.ts'
import type { ConnectionStatus } from '../../../devices/sdk/keep-connected.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, registerUser } from '../../support/story.ts'

test('a device that nobody owns any more is claimed by its label again, for two minutes after its button was held', async () => {
  let nowMs = Date.now()
  await using running = await startApp({ now: () => nowMs })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const { client: ann } = await registerUser(running, 'ann')
  const { client: bob } = await registerUser(running, 'bob')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.replies('lamp-1'))
  const label = { deviceId: 'lamp-1', code: device.claimCode }
  expect(await lamp.request('device/offer')).toMatchObject({ code: 0, data: { until: null } }) // valid anyway
  expect(await ann.request('device/claim', label)).toMatchObject({ code: 0 })
  expect(await lamp.request('device/offer')).toMatchObject({ code: 2003 })

  expect(await ann.request('device/release', { deviceId: 'lamp-1' })).toMatchObject({ code: 0 })
  expect(await bob.request('device/claim', label)).toMatchObject({ code: 2002 })
  expect(await lamp.request('device/offer')).toMatchObject({ code: 0, data: { until: nowMs + 120_000 } })
  nowMs += 120_000
  expect(await bob.request('device/claim', label)).toMatchObject({ code: 2002 })

  expect(await lamp.request('device/offer')).toMatchObject({ code: 0 })
  nowMs += 119_000
  expect(await bob.request('device/claim', { ...label, code: 'AAAA-AAAA' })).toMatchObject({ code: 2002 })
  expect(await bob.request('device/claim', label)).toMatchObject({ code: 0, data: { role: 'owner' } })
  expect(await ann.request('device/claim', label)).toMatchObject({ code: 2003 })
  for (const client of [ann, bob]) await client[Symbol.asyncDispose]()
})

test('a device of the SDK offers itself, and says why not', async () => {
  await using running = await startApp()
  const { id, secret, claimCode } = await addDevice(running, 'lamp', 'lamp-1')
  let device = connectDevice({ url: running.mqttUrl, id, secret })
  expect(await device.offer()).toEqual({ ok: false, code: 'offline' })
  await device.close()
  await new Promise<void>(resolve => {
    const onStatus = ({ state }: ConnectionStatus) => state === 'online' && resolve()
    device = connectDevice({ url: running.mqttUrl, id, secret, onStatus })
  })
  const { client: ann } = await registerUser(running, 'ann')
  expect(await ann.request('device/claim', { deviceId: id, code: claimCode })).toMatchObject({ code: 0 })
  expect(await device.offer()).toEqual({ ok: false, code: 2003 })
  expect(await ann.request('device/release', { deviceId: id })).toMatchObject({ code: 0 })
  expect(await device.offer()).toMatchObject({ ok: true, data: { until: expect.any(Number) } })
  await ann[Symbol.asyncDispose]()
  await device.close()
})

test('nobody but a device offers one, and the code of a lost label is never valid again', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const { client: ann } = await registerUser(running, 'ann')
  await using guest = await connectGuest(running.wsUrl)
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.replies('lamp-1'))
  expect(await ann.request('device/offer')).toMatchObject({ code: 4003 })
  expect(await guest.request('device/offer')).toMatchObject({ code: 4003 })

  const issued = await running.admin.provisioning.issueClaimCode('lamp-1')
  if (typeof issued === 'string') throw new Error(issued)
  await lamp.request('device/offer')
  expect(await ann.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })).toMatchObject({
    code: 2002,
  })
  expect(await ann.request('device/claim', { deviceId: 'lamp-1', code: issued.claimCode })).toMatchObject({ code: 0 })
  await ann[Symbol.asyncDispose]()
})
