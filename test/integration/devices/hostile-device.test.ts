import { expect, test } from 'vitest'
import { createDeviceControl } from '../../../src/protocol/device-control.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

test('a device that reports something nested very deep does not break who watches it', async () => {
  await using running = await startApp()
  const { device, client: owner } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  const control = createDeviceControl({ publish: () => {}, changed: () => {} })
  await owner.subscribe('devices/+/state', 1)
  const levels = 8000
  const deep = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), `{"odd":${deep},"on":true}`, { qos: 1 })
  const { topic, payload } = await owner.message(topics.state('lamp-1'))
  expect(payload).toContain(deep)
  control.received(topic, payload, false)
  expect(control.state('lamp-1')).toEqual({ on: true })
  await owner[Symbol.asyncDispose]()
})
