import { expect, test } from 'vitest'
import { connectWithToken, subscribeAll } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, ownerOf } from '../support/story.ts'

test('a filter refused beside a granted one is not stored: nothing of it is queued for a session that is away', async () => {
  await using running = await startApp()
  const own = await ownerOf(running, 'own')
  const other = await addDevice(running, 'sensor', 'other')
  const asPhone = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, own.token, asPhone)
  expect(await subscribeAll(phone, ['devices/own/event/+', 'devices/other/event/+'])).toEqual([1, 128])
  await phone[Symbol.asyncDispose]()

  await using ownDevice = await connectAsDevice(running, own.device)
  await using otherDevice = await connectAsDevice(running, other)
  await otherDevice.mqtt.publishAsync('devices/other/event/motion', 'not yours', { qos: 1 })
  await ownDevice.mqtt.publishAsync('devices/own/event/motion', 'yours', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, own.token, asPhone)
  expect(await back.message('devices/#')).toMatchObject({ topic: 'devices/own/event/motion', payload: 'yours' })
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ payload }) => payload === 'not yours')).toEqual([])
  await own.client[Symbol.asyncDispose]()
})
