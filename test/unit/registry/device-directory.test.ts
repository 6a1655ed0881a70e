import { expect, test } from 'vitest'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents, type DomainEvents } from '../../../src/domain/events.ts'
import { openDeviceDirectory } from '../../../src/registry/device-directory.ts'
import { createGate } from '../../support/gate.ts'
import { createFakeDeviceStore } from './fake-device-store.ts'

async function setUp() {
  const store = createFakeDeviceStore()
  store.add({ id: 'lamp1' })
  const events = createEvents()
  const orders = createOrders(events, localBus)
  const added: string[] = []
  const directory = await openDeviceDirectory({ store, events, orders })
  directory.onAdded(id => void added.push(id))
  return { store, events, orders, directory, added }
}

test('knows every device from the start, and announces none of them', async () => {
  const { directory, added } = await setUp()
  expect(directory.typeOf('lamp1')).toBe('lamp')
  expect(directory.typeOf('constructor')).toBeUndefined()
  expect(added).toEqual([])
})

test('learns of devices that another process added', async () => {
  const { store, events, orders } = await setUp()
  const gate = createGate()
  const directory = await openDeviceDirectory({ store, events, orders })
  directory.onAdded(gate.open)
  store.add({ id: 'plug1', type: 'plug' })
  void orders.give('store-changed-elsewhere', {})
  await gate.opened
  expect(directory.typeOf('plug1')).toBe('plug')
})

test('a device is announced once', async () => {
  const { directory, added } = await setUp()
  directory.learn({ id: 'plug1', type: 'plug' })
  directory.learn({ id: 'plug1', type: 'plug' })
  directory.learn({ id: 'lamp1', type: 'lamp' })
  expect(added).toEqual(['plug1'])
})

test('a store that cannot be read is a fault, not a crash', async () => {
  const { store, events, orders } = await setUp()
  store.devicesAfter = () => Promise.reject(new Error('locked'))
  const fault = new Promise<DomainEvents['fault'][0]>(resolve => events.once('fault', resolve))
  void orders.give('store-changed-elsewhere', {})
  expect((await fault).where).toBe('reading the devices again')
})
