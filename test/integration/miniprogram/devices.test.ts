import { expect, test } from 'vitest'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { secondPhone, signedInPhone } from '../../support/browser/signed-in-phone.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice } from '../../support/story.ts'

/** The lamp `lamp-1`, claimed and not connected. */
async function withLamp(running: RunningApp) {
  const phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  expect(await phone.devices.claim('lamp-1', device.claimCode)).toMatchObject({ ok: true, data: { id: 'lamp-1' } })
  return { phone, device, lamp: () => phone.devices.get('lamp-1') }
}

test('a claimed lamp is in the list at once, comes online, and does what it is asked', async () => {
  await using running = await startApp()
  const { phone, device, lamp } = await withLamp(running)
  await using _ = phone
  expect(phone.devices.list).toMatchObject([{ id: 'lamp-1', role: 'owner', online: false, state: {}, pending: [] }])
  const simulator = startSimulator({ type: 'lamp', url: running.mqttUrl, id: 'lamp-1', secret: device.secret })
  await expect.poll(lamp).toMatchObject({ online: true, state: { on: false, brightness: 80 } })

  const outcome = phone.devices.set('lamp-1', { on: true })
  expect(lamp()).toMatchObject({ state: { on: true, brightness: 80 }, pending: ['on'] })
  expect(await outcome).toEqual({ done: true })
  expect(lamp()).toMatchObject({ state: { on: true }, pending: [] })
  expect(await phone.devices.set('lamp-1', { brightness: 2000 })).toMatchObject({ done: false, code: 2005 })
  expect(lamp()).toMatchObject({ state: { brightness: 80 }, pending: [] })
  await simulator.stop()
  await expect.poll(lamp).toMatchObject({ online: false, state: { on: true } })
  expect(await phone.devices.set('lamp-1', { on: false })).toMatchObject({ done: false, code: 2004 })
})

test('a claim code counts as people type it: in lower case, full width, with spaces and any dash', async () => {
  await using running = await startApp()
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  const { claimCode } = await addDevice(running, 'lamp', 'lamp-1')
  const fullWidth = claimCode.replace(/[0-9A-Za-z]/g, sign => String.fromCharCode(sign.charCodeAt(0) + 0xfee0))
  const typed = ` ${fullWidth.toLowerCase().replace('-', ' – ')} `
  expect(await phone.devices.claim('ｌａｍｐ－１ ', typed)).toMatchObject({ ok: true, data: { id: 'lamp-1' } })
})

test('what a device does not answer is taken back after three seconds', async () => {
  await using running = await startApp()
  const { phone, device, lamp } = await withLamp(running)
  await using _ = phone
  await using silent = await connectAsDevice(running, device)
  await silent.subscribe(topics.set('lamp-1'), 1)
  silent.mqtt.publish(topics.state('lamp-1'), '{"on":false}')
  await expect.poll(lamp).toMatchObject({ online: true, state: { on: false } })
  const outcome = phone.devices.set('lamp-1', { on: true })
  expect(lamp()).toMatchObject({ state: { on: true }, pending: ['on'] })
  expect(await outcome).toEqual({ done: false, msg: 'no answer in time' })
  expect(lamp()).toMatchObject({ state: { on: false }, pending: [] })
})

test('a device is shared, controlled from the second phone, and revoked while that one watches', async () => {
  await using running = await startApp()
  const { phone: alice, device } = await withLamp(running)
  await using _ = alice
  await using bob = await signedInPhone({ url: running.wsUrl, user: 'bob' })
  await expect.poll(() => bob.devices.list).toEqual([])
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'))

  const share = await alice.devices.share('lamp-1', 'controller')
  if (!share.ok) throw new Error(`share: ${share.code}`)
  expect(await bob.devices.accept(share.data.invitation)).toMatchObject({ ok: true })
  expect(bob.devices.list).toMatchObject([{ id: 'lamp-1', role: 'controller', online: true }])
  const command = bob.devices.set('lamp-1', { on: true })
  const asked = JSON.parse((await lamp.message(topics.set('lamp-1'))).payload)
  lamp.mqtt.publish(topics.ack('lamp-1'), JSON.stringify({ id: asked.id, code: 0 }))
  expect(await command).toEqual({ done: true })

  const unanswered = bob.devices.set('lamp-1', { on: false })
  const members = await alice.devices.members('lamp-1')
  const bobs = members.ok ? members.data.find(({ username }) => username === 'bob') : undefined
  expect(await alice.devices.revoke('lamp-1', bobs?.userId ?? '')).toMatchObject({ ok: true })
  await expect.poll(() => bob.devices.list).toEqual([])
  expect(await unanswered).toEqual({ done: false, msg: 'not yours any more' })
  expect(alice.devices.list).toHaveLength(1)
})

test('a viewer sees state, presence and events, live', async () => {
  await using running = await startApp()
  const { phone: alice, device } = await withLamp(running)
  await using _ = alice
  await using bob = await signedInPhone({ url: running.wsUrl, user: 'bob' })
  const share = await alice.devices.share('lamp-1', 'viewer')
  if (!share.ok) throw new Error(`share: ${share.code}`)
  expect(await bob.devices.accept(share.data.invitation)).toMatchObject({ ok: true })
  const events: string[] = []
  bob.devices.onEvent(({ deviceId, name, payload }) => void events.push(`${deviceId} ${name} ${payload}`))
  await using lamp = await connectAsDevice(running, device)
  lamp.mqtt.publish(topics.state('lamp-1'), '{"brightness":7}')
  lamp.mqtt.publish(topics.event('lamp-1', 'overheated'), '{"celsius":90}')
  await expect.poll(() => bob.devices.get('lamp-1')).toMatchObject({ online: true, state: { brightness: 7 } })
  await expect.poll(() => events).toEqual(['lamp-1 overheated {"celsius":90}'])
})

test('a device that somebody renamed or released is shown so on every phone', async () => {
  await using running = await startApp()
  const { phone: alice } = await withLamp(running)
  await using _ = alice
  await using second = await secondPhone({ url: running.wsUrl, user: 'alice' })
  await expect.poll(() => second.devices.list).toHaveLength(1)
  expect(await alice.devices.rename('lamp-1', 'Desk')).toMatchObject({ ok: true })
  expect(alice.devices.get('lamp-1')?.name).toBe('Desk')
  await expect.poll(() => second.devices.get('lamp-1')?.name).toBe('Desk')
  expect(await alice.devices.release('lamp-1')).toMatchObject({ ok: true })
  expect(alice.devices.list).toEqual([])
  await expect.poll(() => second.devices.list).toEqual([])
})

test('many reports are one change for a page, and leave other devices the same objects', async () => {
  await using running = await startApp()
  const { phone, device, lamp: shown } = await withLamp(running)
  await using _ = phone
  const other = await addDevice(running, 'plug', 'plug-1')
  await phone.devices.claim('plug-1', other.claimCode)
  await using lamp = await connectAsDevice(running, device)
  await expect.poll(shown).toMatchObject({ online: true })
  const plug = phone.devices.get('plug-1')
  let changes = 0
  phone.devices.onChange(() => void changes++)
  for (let brightness = 1; brightness <= 100; brightness++)
    lamp.mqtt.publish(topics.state('lamp-1'), JSON.stringify({ brightness }))
  await expect.poll(() => shown()?.state.brightness).toBe(100)
  expect(changes).toBeLessThan(50)
  expect(await phone.devices.refresh()).toMatchObject({ ok: true })
  expect(phone.devices.get('plug-1')).toBe(plug)
})
