import { createEvents, type DomainEvents } from '../../../../src/domain/events.ts'
import { createDeviceStates } from '../../../../src/registry/state/device-states.ts'
import { createMemoryStore } from '../../../support/in-memory.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'
import { bytes, models } from '../models.ts'

/** Device states on a store in memory, with time in the test's hand: two lamps and a device whose type is unknown. */
export function setUpStates() {
  const store = createFakeDeviceStore()
  const mqtt = createMemoryStore()
  /** A test may replace its methods. */
  const kept = {
    ...mqtt.states,
    put: (deviceId: string, tenure: string, state: string): Promise<unknown> =>
      mqtt.commit([{ kind: 'state', deviceId, tenure, state }]),
    of: async (deviceId: string) => (await mqtt.states.all()).get(deviceId),
  }
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
    kept,
    put: (deviceId, tenure, state) => kept.put(deviceId, tenure, state),
    models,
    directory: {
      all: () => store.devices.keys(),
      typeOf: id => store.devices.get(id)?.type,
      tenureOf: id => store.tenuresOf.get(id),
    },
    events,
    now: () => clock.ms,
    scheduler,
  })
  const report = (payload: unknown, id = 'lamp1') => states.reported(id, Buffer.from(bytes(payload)))
  /** Reports, and answers the whole state. */
  const fold = (payload: unknown, id = 'lamp1') => {
    report(payload, id)
    return states.of(id)
  }
  return { store, mqtt, kept, scheduler, clock, refused, faults, states, report, fold }
}
