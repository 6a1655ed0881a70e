import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { enrollmentMessage } from '../../src/protocol/operations/enrollment.ts'
import { connectGuest } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { connectAsDevice } from '../support/story.ts'

test('an enrollment that was overheard gives nobody the device: not again, not after a reset, not too late; the device stays online', async () => {
  let ms = Date.now()
  await using running = await startApp({ now: () => ms })
  const product = await running.admin.products.enable('lamp')
  if (product === 'unknown-type') throw new Error(product)
  const request = (serial: string, timestamp: number) => {
    const facts = { type: 'lamp', serial, timestamp }
    const signature = createHmac('sha256', product.secret).update(enrollmentMessage(facts)).digest('hex')
    return { ...facts, signature }
  }
  const overheard = request('A1', Math.floor(ms / 1000))
  await using factory = await connectGuest(running.wsUrl)
  const enrolled = (await factory.request('device/enroll', overheard)) as { code: number; data: { secret: string } }
  expect(enrolled.code).toBe(0)
  const { secret } = enrolled.data
  await using lamp = await connectAsDevice(running, { id: 'lamp-A1', secret, claimCode: '' })

  await using mallory = await connectGuest(running.wsUrl)
  const replay = async (body: object = overheard) => {
    const { code, data } = await mallory.request('device/enroll', body)
    expect(data).toBeNull()
    return code
  }
  expect(await replay()).toBe(2007)
  expect(await replay({ ...overheard, serial: 'A2' })).toBe(4003)
  expect(await replay({ ...overheard, timestamp: overheard.timestamp + 1 })).toBe(4003)
  expect(lamp.mqtt.connected).toBe(true)
  await running.admin.provisioning.resetDevice('lamp-A1')
  expect(await replay()).not.toBe(0)
  const unused = request('B1', Math.floor(ms / 1000))
  ms += 301_000
  expect(await replay(unused)).not.toBe(0)
  expect(await running.admin.store.devices.deviceById('lamp-B1')).toBeUndefined()
})
