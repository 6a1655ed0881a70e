import { expect, test, vi } from 'vitest'
import { createEvents, type DomainEvents } from '../../../../src/domain/events.ts'
import { createPresence } from '../../../../src/registry/state/presence.ts'
import { createGate } from '../../../support/gate.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { createFakeRetained } from './fake-retained.ts'

function setUp() {
  const store = createFakeDeviceStore()
  const topics = createFakeRetained()
  const events = createEvents()
  const faults: DomainEvents['fault'][0][] = []
  events.on('fault', fault => faults.push(fault))
  const presence = createPresence({ store, retained: topics, events, node: 'here', now: () => 5000 })
  return { store, topics, events, faults, presence }
}

test('a device that comes and goes is announced, retained and stored', async () => {
  const { store, topics, events, presence } = setUp()
  events.emit('device-online', { deviceId: 'lamp1' })
  expect(presence.of('lamp1')).toEqual({ online: true, sinceMs: 5000 })
  await presence.settled()
  events.emit('device-offline', { deviceId: 'lamp1', reason: 'keepalive' })
  await presence.settled()
  expect(topics.published).toEqual([
    ['devices/lamp1/presence', '{"online":true,"since":5000}'],
    ['devices/lamp1/presence', '{"online":false,"since":5000,"reason":"keepalive"}'],
  ])
  expect(store.savedPresences.get('lamp1')).toEqual({ online: false, sinceMs: 5000, reason: 'keepalive', node: 'here' })
})

test('the last change wins, however slow the store is', async () => {
  const { store, events, presence } = setUp()
  const first = createGate()
  const save = store.savePresences
  let writes = 0
  store.savePresences = async presences => {
    if (++writes === 1) await first.opened
    await save(presences)
  }
  events.emit('device-online', { deviceId: 'lamp1' })
  await vi.waitFor(() => expect(writes).toBe(1))
  events.emit('device-offline', { deviceId: 'lamp1', reason: 'a' })
  events.emit('device-online', { deviceId: 'lamp1' })
  first.open()
  await presence.settled()
  expect(store.savedPresences.get('lamp1')).toEqual({ online: true, sinceMs: 5000, node: 'here' })
  expect(writes).toBe(2)
})

test('devices that were online when the broker died are offline after the restart', async () => {
  const { store, topics, presence } = setUp()
  store.add({ id: 'crashed' })
  store.savedPresences.set('crashed', { online: true, sinceMs: 1 })
  await presence.seed()
  await presence.settled()
  const offline = { online: false, sinceMs: 5000, reason: 'broker-restart' }
  expect(presence.of('crashed')).toEqual(offline)
  expect(store.savedPresences.get('crashed')).toEqual({ ...offline, node: 'here' })
  expect(topics.published).toEqual([
    ['devices/crashed/presence', '{"online":false,"since":5000,"reason":"broker-restart"}'],
  ])
})

test('what another node has seen is its own: neither changed nor told of at a start', async () => {
  const { store, topics, presence } = setUp()
  const seen = { online: true, sinceMs: 1, node: 'there' }
  store.add({ id: 'elsewhere' })
  store.savedPresences.set('elsewhere', seen)
  await presence.seed()
  await presence.settled()
  expect(presence.of('elsewhere')).toEqual({ online: true, sinceMs: 1 })
  expect(store.savedPresences.get('elsewhere')).toEqual(seen)
  expect([...topics.retained.keys()]).toEqual([])
})

test('after a restart every device has a retained presence, and nobody is told what they know', async () => {
  const { store, topics, presence } = setUp()
  store.add({ id: 'new' })
  store.add({ id: 'asleep' })
  store.savedPresences.set('asleep', { online: false, sinceMs: 7, reason: 'closed' })
  await presence.seed()
  expect(Object.fromEntries(topics.retained)).toEqual({
    'devices/new/presence': '{"online":false,"since":0}',
    'devices/asleep/presence': '{"online":false,"since":7,"reason":"closed"}',
  })
  expect(topics.published).toEqual([])
})

test('a new device is offline and was never seen', async () => {
  const { topics, presence } = setUp()
  presence.added('lamp1')
  await presence.settled()
  expect(topics.retained.get('devices/lamp1/presence')).toBe('{"online":false,"since":0}')
})

test('a device that is online already is not new', async () => {
  const { events, presence } = setUp()
  events.emit('device-online', { deviceId: 'lamp1' })
  presence.added('lamp1')
  expect(presence.of('lamp1').online).toBe(true)
  await presence.settled()
})

test('a fault of the store is announced and members hear all the same', async () => {
  const { store, topics, events, faults, presence } = setUp()
  store.savePresences = () => Promise.reject(new Error('locked'))
  events.emit('device-online', { deviceId: 'lamp1' })
  await presence.settled()
  expect(faults.map(({ where }) => where)).toEqual(['saving presences'])
  expect(topics.published).toHaveLength(1)
})
