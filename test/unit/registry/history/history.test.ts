import { expect, it } from 'vitest'
import { createOrders } from '../../../../src/bus/create-orders.ts'
import { localBus } from '../../../../src/bus/local-bus.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import { createHistory } from '../../../../src/registry/history/history.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'

it('sets a timer when it is started, and none while it is made', async () => {
  const scheduler = createHandTurnedScheduler()
  const history = createHistory({
    store: {
      record: async () => {},
      read: async () => ({ buckets: [] }),
      rises: async () => [],
      days: async () => [],
      recordedDevices: async () => [],
      prune: async () => false,
      pruneReleased: async () => false,
    },
    settings: { enabled: true, minIntervalSeconds: 1, retentionDays: 1, aggregateDays: 1, rowsPerDevice: 1 },
    events: createEvents(),
    orders: createOrders(createEvents(), localBus),
    now: () => 0,
    scheduler,
  })
  expect(scheduler.delaysMs).toEqual([])
  history.start()
  expect(scheduler.delaysMs).toEqual([10_000])
  await history.close()
})
