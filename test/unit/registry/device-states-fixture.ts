import { createEvents, type DomainEvents } from '../../../src/domain/events.ts'
import { createDeviceStates } from '../../../src/registry/device-states.ts'
import { createFakeDeviceStore } from './fake-device-store.ts'
import { createFakeRetained } from './fake-retained.ts'
import { createHandTurnedScheduler } from './hand-turned-scheduler.ts'
import { bytes, models } from './models.ts'

/** Device states on fakes, with time and turns in the test's hand: two lamps and a device whose type is unknown. */
export function setUpStates() {
  const store = createFakeDeviceStore()
  const topics = createFakeRetained()
  const events = createEvents()
  const scheduler = createHandTurnedScheduler()
  const clock = { ms: 1_000_000 }
  const refused: DomainEvents['state-value-refused'][0][] = []
  const faults: DomainEvents['fault'][0][] = []
  events.on('state-value-refused', refusal => refused.push(refusal))
  events.on('fault', fault => faults.push(fault))
  store.add({ id: 'lamp1' })
  store.add({ id: 'lamp2' })
  store.add({ id: 'odd1', type: 'odd' })
  const states = createDeviceStates({
    store,
    models,
    deviceType: id => store.devices.get(id)?.type,
    retained: topics,
    events,
    now: () => clock.ms,
    scheduler,
  })
  const report = (payload: unknown, id = 'lamp1') => states.reported(id, bytes(payload))
  /** Reports and folds at once. */
  const fold = (payload: unknown, id = 'lamp1') => {
    report(payload, id)
    scheduler.turn()
    return states.of(id)
  }
  return { store, topics, scheduler, clock, refused, faults, states, report, fold }
}
