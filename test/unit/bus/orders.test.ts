import { expect, test } from 'vitest'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents } from '../../../src/domain/events.ts'
import { createAsynchronousBus } from '../../support/asynchronous-bus.ts'

const barred = { deviceId: 'd1', reason: 'device-disabled' }

/** A node: what it obeys, and what is announced on it. */
async function startNode(bus = localBus) {
  const events = createEvents()
  const orders = createOrders(events, bus)
  const obeyed: unknown[] = []
  const announced: unknown[] = []
  events.on('device-barred', about => announced.push(about))
  events.on('fault', ({ where }) => announced.push(where))
  orders.obey({ 'device-barred': order => obeyed.push(order) })
  await bus.start({ obey: orders.obeyHere, deliver: () => {} })
  return { orders, obeyed, announced }
}

test('an order is announced and obeyed when giving it returns', async () => {
  const { orders, obeyed, announced } = await startNode()
  void orders.give('device-barred', barred)
  expect([obeyed, announced]).toEqual([[barred], [barred]])
})

test('a handler that cannot obey is announced as a fault, and the others obey all the same', async () => {
  const { orders, obeyed, announced } = await startNode()
  orders.obey({
    'device-barred'() {
      throw new Error('broken')
    },
  })
  const later: unknown[] = []
  orders.obey({ 'device-barred': order => later.push(order) })
  await orders.give('device-barred', barred)
  expect([obeyed, later]).toEqual([[barred], [barred]])
  expect(announced).toEqual([barred, 'obeying device-barred'])
})

test('an order is obeyed on every node when giving it resolves, in the sequence of one node, and announced where it was given', async () => {
  const bus = createAsynchronousBus()
  const [here, there] = await Promise.all([startNode(bus.join()), startNode(bus.join())])
  const again = { ...barred, reason: 'device-reset' }
  const release = bus.hold()
  const given = Promise.all([here.orders.give('device-barred', barred), here.orders.give('device-barred', again)])
  const obeyedThen = given.then(() => there.obeyed.length)
  expect([here.obeyed, there.obeyed]).toEqual([[barred, again], []])
  release()
  expect(await obeyedThen).toBe(2)
  expect(there.obeyed).toEqual([barred, again])
  expect([here.announced, there.announced]).toEqual([[barred, again], []])
})
