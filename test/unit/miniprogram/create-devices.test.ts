import { expect, test } from 'vitest'
import { createDevices } from '../../../miniprogram/app/services/create-devices.ts'
import type { Session } from '../../../miniprogram/app/services/session.ts'
import type { DeviceView } from '../../../src/protocol/operations/device.ts'
import { topics } from '../../../src/protocol/topics.ts'

const account = { userId: 'u', username: 'u', role: 'user', tokenExpiresAt: 0 } as const
const lamp = (state: DeviceView['state'], online = false, since = 1): DeviceView => ({
  id: 'lamp-1',
  type: 'lamp',
  name: 'Lamp',
  role: 'owner',
  online,
  since,
  state,
  model: { '@context': '', '@type': 'tm:ThingModel', title: 'Lamp', properties: {}, actions: {} },
})

/** A session that is signed in and answers what it is asked when the test says so. */
function signedInSession() {
  const asked: ((views: readonly DeviceView[]) => void)[] = []
  let hear: (topic: string, payload: string, retained: boolean) => void = () => {}
  const none = () => () => {}
  const session = {
    status: 'online',
    account,
    onChange: none,
    onEntered: none,
    onSignedIn: none,
    onMessage(listener: typeof hear) {
      hear = listener
      return () => {}
    },
    request: () => new Promise(resolve => asked.push(data => resolve({ ok: true, data }))),
    publish: async () => {},
    caughtUp: async () => {},
  }
  return {
    devices: createDevices(session as unknown as Session),
    hear: (topic: string, body: object, retained = false) => hear(topic, JSON.stringify(body), retained),
    answer: (...views: DeviceView[]) => asked.shift()?.(views),
  }
}

test('what came live while the list was on its way is newer than the list, property by property', async () => {
  const { devices, hear, answer } = signedInSession()
  const refreshed = devices.refresh()
  hear(topics.state('lamp-1'), { on: true })
  hear(topics.state('lamp-1'), { mode: { night: 1 }, hue: null })
  hear(topics.state('lamp-1'), { brightness: 5 })
  hear(topics.state('lamp-1'), { brightness: 6 })
  hear(topics.presence('lamp-1'), { online: true, since: 9 })
  answer(lamp({ on: false, brightness: 1, hue: 3, mode: { day: 2 }, color: 'red' }))
  await refreshed
  expect(devices.get('lamp-1')).toMatchObject({ online: true, since: 9 })
  expect(devices.get('lamp-1')?.state).toEqual({ on: true, brightness: 6, mode: { day: 2, night: 1 }, color: 'red' })
})

test('what is retained, and what came before the list was asked for, is older than the list', async () => {
  const { devices, hear, answer } = signedInSession()
  const first = devices.refresh()
  hear(topics.state('lamp-1'), { on: true })
  answer(lamp({ on: false }))
  await first
  hear(topics.state('lamp-1'), { on: true })
  hear(topics.presence('lamp-1'), { online: true, since: 9 })
  const second = devices.refresh()
  hear(topics.state('lamp-1'), { on: true }, true)
  hear(topics.presence('lamp-1'), { online: true, since: 9 }, true)
  answer(lamp({ on: false }, false, 10))
  await second
  expect(devices.get('lamp-1')).toMatchObject({ online: false, since: 10, state: { on: false } })
})
