import { describe, expect, test } from 'vitest'
import { createEvents, type DomainEvents } from '../../../src/domain/events.ts'
import { createDeviceStates } from '../../../src/registry/device-states.ts'
import { createFakeDeviceStore } from './fake-device-store.ts'
import { createFakeRetained } from './fake-retained.ts'
import { createGate } from './gate.ts'
import { createHandTurnedScheduler } from './hand-turned-scheduler.ts'
import { bytes, models, nestedJson } from './models.ts'

function setUp() {
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

describe('folding', () => {
  test('a report changes nothing until the event loop went round', () => {
    const { states, report, scheduler } = setUp()
    report({ on: true })
    expect(states.of('lamp1')).toEqual({})
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: true })
  })

  test('reports are merged in order, null takes a property away', () => {
    const { states, report, scheduler } = setUp()
    report({ on: true, brightness: 5, settings: { speed: 1, other: 'x' } })
    report({ on: false, brightness: null, settings: { other: null } })
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: false, settings: { speed: 1 } })
  })

  test('the payload is copied: the broker may use its buffer again', () => {
    const { states, scheduler } = setUp()
    const payload = Buffer.from('{"on":true}')
    states.reported('lamp1', payload)
    payload.fill(0)
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: true })
  })

  test('refused values are left out one by one, the rest is kept', () => {
    const { fold } = setUp()
    fold({ brightness: 7 })
    expect(fold({ on: true, brightness: 700, colour: 'red', power: 3 })).toEqual({ on: true, brightness: 7, power: 3 })
  })

  test('a nested patch is judged by the value it makes', () => {
    const { fold } = setUp()
    fold({ settings: { speed: 1 } })
    expect(fold({ settings: { speed: 'fast', other: 1 } })).toEqual({ settings: { speed: 1 } })
    expect(fold({ settings: { other: 1 } })).toEqual({ settings: { speed: 1, other: 1 } })
  })

  test('a structure cannot be grown without end by small patches', () => {
    const { fold, refused } = setUp()
    for (let i = 0; i < 10; i++) fold({ settings: { [`key${i}`]: 'x'.repeat(10_000) } })
    expect(JSON.stringify(fold({})).length).toBeLessThan(66 * 1024)
    expect(refused[0]?.reason).toContain('65536 bytes')
  })

  test.each([
    nestedJson(10_000),
    `{"settings":${nestedJson(10_000)}}`,
    `{"settings":{"speed":1,"x":${nestedJson(13_000)}}}`,
    `{"settings":${nestedJson(40_000)}}`,
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '['.repeat(64 * 1024),
    `{"label":"${'x'.repeat(64 * 1024)}"}`,
    '',
    'null',
    '"on"',
  ])('hostile input %# changes nothing, pollutes nothing and throws nothing', payload => {
    const { fold, refused } = setUp()
    fold({ on: true })
    expect(JSON.stringify(fold(payload))).toBe('{"on":true}')
    expect(refused).toHaveLength(1)
    expect('polluted' in {}).toBe(false)
  })

  test('a settings value named __proto__ stays a value', () => {
    const { fold } = setUp()
    const state = fold('{"settings":{"__proto__":{"speed":1}}}')
    expect(JSON.stringify(state)).toBe('{"settings":{"__proto__":{"speed":1}}}')
    expect(Object.getPrototypeOf(state.settings)).toBe(Object.prototype)
  })

  test('a device whose thing model is gone has no state', () => {
    const { fold, refused } = setUp()
    expect(fold({ on: true }, 'odd1')).toEqual({})
    expect(refused).toEqual([{ deviceId: 'odd1', property: '', reason: expect.stringContaining('model'), count: 1 }])
  })

  test('a flood of one device leaves room for the event loop between its turns', () => {
    const { states, report, scheduler } = setUp()
    for (let i = 0; i < 150; i++) report({ brightness: i % 100 })
    report({ on: true }, 'lamp2')
    scheduler.turn()
    expect(states.of('lamp2')).toEqual({})
    scheduler.turn()
    expect(states.of('lamp2')).toEqual({ on: true })
    expect(scheduler.turn()).toBe(false)
  })

  test('a device that outruns folding has its queue folded at once', () => {
    const { states, report } = setUp()
    for (let i = 0; i < 17; i++) report({ brightness: i, filler: 'x'.repeat(64 * 1024) })
    expect(states.of('lamp1').brightness).toBeGreaterThan(10)
  })
})

describe('refused values', () => {
  test('are announced once a minute per device, with their number', () => {
    const { fold, refused, clock } = setUp()
    fold({ colour: 'red', brightness: 500 })
    expect(refused).toEqual([{ deviceId: 'lamp1', property: 'colour', reason: 'no such property', count: 2 }])
    fold({ on: 1 })
    fold({ on: 2 })
    clock.ms += 59_999
    fold({ on: 3 })
    expect(refused).toHaveLength(1)
    fold({ on: 1 }, 'lamp2')
    expect(refused).toHaveLength(2)
    clock.ms += 1
    fold({ on: 4 })
    expect(refused[2]).toEqual({ deviceId: 'lamp1', property: 'on', reason: 'must be boolean', count: 4 })
  })

  test('are announced with a name of at most 64 characters', () => {
    const { fold, refused } = setUp()
    fold({ ['x'.repeat(5000)]: 1 })
    expect(refused[0]?.property).toHaveLength(64)
  })
})

describe('retaining', () => {
  test('the whole state replaces what is retained, once per device and batch', async () => {
    const { report, states, scheduler, topics } = setUp()
    report({ on: true })
    report({ brightness: 5 })
    report({ on: false }, 'lamp2')
    scheduler.turn()
    await states.flush()
    expect(topics.replaced).toEqual([
      ['devices/lamp1/state', '{"on":true,"brightness":5}'],
      ['devices/lamp2/state', '{"on":false}'],
    ])
    expect(topics.published).toEqual([])
  })

  test('only the latest state is written after a slow write', async () => {
    const { fold, states, topics } = setUp()
    const slow = createGate()
    const replace = topics.replaceRetained
    topics.replaceRetained = async (topic, payload) => {
      await slow.opened
      await replace(topic, payload)
    }
    for (let brightness = 1; brightness <= 5; brightness++) fold({ brightness })
    slow.open()
    await states.flush()
    expect(topics.replaced.map(([, payload]) => payload)).toEqual(['{"brightness":1}', '{"brightness":5}'])
  })

  test('a report that is refused whole retains nothing', async () => {
    const { fold, states, topics } = setUp()
    fold({ colour: 'red' })
    await states.flush()
    expect(topics.replaced).toEqual([])
  })

  test('a fault is announced and the next report is retained', async () => {
    const { fold, states, topics, faults } = setUp()
    const replace = topics.replaceRetained
    topics.replaceRetained = () => {
      throw new Error('no room')
    }
    fold({ on: true })
    await states.flush()
    expect(faults).toHaveLength(1)
    topics.replaceRetained = replace
    fold({ on: false })
    await states.flush()
    expect(topics.retained.get('devices/lamp1/state')).toBe('{"on":false}')
  })
})

describe('storing', () => {
  test('changed states are written together, a second after the first change', async () => {
    const { fold, store, scheduler, states } = setUp()
    const batches: string[][] = []
    const save = store.saveStates
    store.saveStates = async batch => {
      batches.push([...batch.keys()])
      await save(batch)
    }
    fold({ on: true })
    fold({ on: false })
    fold({ on: true }, 'lamp2')
    expect(scheduler.delaysMs).toEqual([1000])
    scheduler.fire()
    await states.flush()
    expect(batches).toEqual([['lamp1', 'lamp2']])
    expect(store.savedStates.get('lamp1')).toEqual({ on: false })
    fold({ on: true })
    expect(scheduler.delaysMs).toEqual([1000, 1000])
  })

  test('what could not be written is written later', async () => {
    const { fold, store, scheduler, states, faults } = setUp()
    const save = store.saveStates
    store.saveStates = () => Promise.reject(new Error('disk full'))
    fold({ on: true })
    await states.flush()
    expect(faults.map(({ where }) => where)).toEqual(['saving device states'])
    const written = createGate()
    store.saveStates = async batch => {
      await save(batch)
      written.open()
    }
    scheduler.fire()
    await written.opened
    expect(store.savedStates.get('lamp1')).toEqual({ on: true })
  })

  test('closing writes what waits and sets no more timers', async () => {
    const { report, store, scheduler, states } = setUp()
    report({ on: true })
    await states.close()
    expect(store.savedStates.get('lamp1')).toEqual({ on: true })
    store.saveStates = () => Promise.reject(new Error('closed'))
    const timers = scheduler.delaysMs.length
    report({ on: false })
    scheduler.turn()
    expect(scheduler.delaysMs).toHaveLength(timers)
  })
})

describe('seeding', () => {
  test('every stored state is retained again', async () => {
    const { store, states, topics } = setUp()
    store.savedStates.set('lamp1', { on: true })
    await states.seed()
    expect(states.of('lamp1')).toEqual({ on: true })
    expect([...topics.retained]).toEqual([['devices/lamp1/state', '{"on":true}']])
  })

  test('a retained state that ran ahead of the store before a crash is kept', async () => {
    const { store, states, topics } = setUp()
    store.savedStates.set('lamp1', { on: true })
    topics.retained.set('devices/lamp1/state', '{"on":false}')
    await states.seed()
    expect(states.of('lamp1')).toEqual({ on: false })
    expect(topics.replaced).toEqual([])
    await states.flush()
    expect(store.savedStates.get('lamp1')).toEqual({ on: false })
  })

  test('what is retained of a device that was released before a crash is cleared', async () => {
    const { states, topics } = setUp()
    topics.retained.set('devices/lamp1/state', '{"on":true}')
    await states.seed()
    expect(states.of('lamp1')).toEqual({})
    expect(topics.retained.size).toBe(0)
  })

  test('what the type no longer allows is left out', async () => {
    const { store, states, topics } = setUp()
    store.savedStates.set('lamp1', { on: true, brightness: 500, gone: 1 })
    await states.seed()
    expect(topics.retained.get('devices/lamp1/state')).toBe('{"on":true}')
  })
})

describe('forgetting', () => {
  test('clears the state, what is retained, what is stored and what waits', async () => {
    const { fold, report, states, store, topics } = setUp()
    fold({ on: true })
    await states.flush()
    report({ brightness: 5 })
    await states.forget('lamp1')
    await states.flush()
    expect(states.of('lamp1')).toEqual({})
    expect(topics.retained.size).toBe(0)
    expect(store.savedStates.get('lamp1')).toEqual({})
  })

  test('outlives a write of the old state that is under way', async () => {
    const { fold, states, store } = setUp()
    const slow = createGate()
    const save = store.saveStates
    store.saveStates = async batch => {
      await slow.opened
      await save(batch)
    }
    fold({ on: true })
    const writing = states.flush()
    const forgotten = states.forget('lamp1')
    slow.open()
    await Promise.all([writing, forgotten])
    expect(store.savedStates.get('lamp1')).toEqual({})
  })
})
