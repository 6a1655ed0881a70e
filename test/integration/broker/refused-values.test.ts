import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, logged, ownerOf } from '../../support/story.ts'

const state = topics.state('lamp-1')
const done = topics.event('lamp-1', 'done')

test.each([0, 1, 2] as const)(
  'at QoS %i what the type refuses reaches nobody, live or retained, and the device is told which property and why',
  async qos => {
    await using running = await startApp()
    const { device, client: owner, token } = await ownerOf(running, 'lamp-1', 'lamp')
    await using lamp = await connectAsDevice(running, device)
    await lamp.subscribe(topics.notifications('lamp-1'), 1)
    await owner.subscribe('devices/+/state', 1)
    await owner.subscribe('devices/+/event/+', 1)
    await using kept = await connectWithToken(running.wsUrl, token, { clientId: 'kept', clean: false })
    await kept.subscribe('devices/+/state', 1)
    await kept[Symbol.asyncDispose]()

    const reports = [
      '{"on":"yes","brightness":9999}',
      '{"on": true, "odd":1}',
      '{"on":"yes","brightness":40,"odd":2}',
      '{"brightness":9999,"brightness":50}',
    ]
    for (const report of reports) await lamp.mqtt.publishAsync(state, report, { qos })
    await lamp.mqtt.publishAsync(done, '', { qos })
    await owner.message(done)
    const shown = owner.received.filter(({ topic }) => topic === state).map(({ payload }) => payload)
    expect(shown).toEqual(['{"on": true, "odd":1}', '{"brightness":40,"odd":2}', '{"brightness":50}'])
    await using back = await connectWithToken(running.wsUrl, token, { clientId: 'kept', clean: false })
    if (qos > 0) {
      await back.message(state, ({ payload }) => payload === '{"brightness":50}')
      expect(back.received.filter(({ topic }) => topic === state).map(({ payload }) => payload)).toEqual(shown)
    }
    expect(await back.request('device/list')).toMatchObject({ data: [{ state: { on: true, brightness: 50 } }] })

    const denied = topics.notify('lamp-1', 'denied')
    await lamp.message(denied, ({ payload }) => JSON.parse(payload).property === 'brightness')
    expect(lamp.received.filter(({ topic }) => topic === denied).map(({ payload }) => JSON.parse(payload))).toEqual([
      { topic: state, property: 'on', code: 2005, msg: expect.stringContaining('on: must be boolean') },
      { topic: state, property: 'brightness', code: 2005, msg: expect.stringContaining('brightness: must be <= 100') },
    ])
    for (const property of ['on', 'brightness', 'odd'])
      expect(logged(running, '"event":"state-value-refused"', `"property":"${property}"`)).toBe(true)
    await owner[Symbol.asyncDispose]()
  },
)

test('a will that the type refuses reaches nobody', async () => {
  await using running = await startApp()
  const { device, client: owner } = await ownerOf(running, 'lamp-1', 'lamp')
  await owner.subscribe('devices/+/state', 1)
  await owner.subscribe(topics.presence('lamp-1'), 1)
  const will = { topic: state, payload: Buffer.from('{"on":"yes","brightness":7}'), qos: 1, retain: true } as const
  const lamp = await connectAsDevice(running, device, { will })
  lamp.mqtt.stream.destroy()
  await owner.message(topics.presence('lamp-1'), ({ payload }) => JSON.parse(payload).online === false)
  expect((await owner.message(state)).payload).toBe('{"brightness":7}')
  await lamp[Symbol.asyncDispose]()
  await owner[Symbol.asyncDispose]()
})
