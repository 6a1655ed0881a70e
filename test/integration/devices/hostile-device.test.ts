import { expect, test } from 'vitest'
import { createDeviceControl } from '../../../src/protocol/device-control.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

test('a device that reports something nested very deeply breaks no client that watches it', async () => {
  await using running = await startApp()
  const { device, client: owner } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  const control = createDeviceControl({ publish: () => {}, changed: () => {} })
  await owner.subscribe('devices/+/state', 1)
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const deep = nested(900) // a report of more values comes to nobody
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), `{"odd":${deep},"on":true}`, { qos: 1 })
  const { topic, payload } = await owner.message(topics.state('lamp-1'))
  expect(payload).toContain(deep)
  control.received(topic, payload, false)
  expect(control.state('lamp-1')).toEqual({ on: true })
  control.received(topic, `{"odd":${nested(8000)},"on":false}`, false) // from a broker that lets it pass
  expect(control.state('lamp-1')).toEqual({ on: false })
  await owner[Symbol.asyncDispose]()
})
