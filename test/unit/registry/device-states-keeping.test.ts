import { describe, expect, test } from 'vitest'
import { createGate } from '../../support/gate.ts'
import { setUpStates } from './device-states-fixture.ts'

describe('retaining', () => {
  test('the whole state replaces what is retained, once per device and batch', async () => {
    const { report, states, scheduler, topics } = setUpStates()
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
    const { fold, states, topics } = setUpStates()
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
    const { fold, states, topics } = setUpStates()
    fold({ colour: 'red' })
    await states.flush()
    expect(topics.replaced).toEqual([])
  })

  test('a fault is announced and the next report is retained', async () => {
    const { fold, states, topics, faults } = setUpStates()
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
    const { fold, store, scheduler, states } = setUpStates()
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
    const { fold, store, scheduler, states, faults } = setUpStates()
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
    const { report, store, scheduler, states } = setUpStates()
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
    const { store, states, topics } = setUpStates()
    store.savedStates.set('lamp1', { on: true })
    await states.seed()
    expect(states.of('lamp1')).toEqual({ on: true })
    expect([...topics.retained]).toEqual([['devices/lamp1/state', '{"on":true}']])
  })

  test('a retained state that ran ahead of the store before a crash is kept', async () => {
    const { store, states, topics } = setUpStates()
    store.savedStates.set('lamp1', { on: true })
    topics.retained.set('devices/lamp1/state', '{"on":false}')
    await states.seed()
    expect(states.of('lamp1')).toEqual({ on: false })
    expect(topics.replaced).toEqual([])
    await states.flush()
    expect(store.savedStates.get('lamp1')).toEqual({ on: false })
  })

  test('what is retained of a device that was released before a crash is cleared', async () => {
    const { states, topics } = setUpStates()
    topics.retained.set('devices/lamp1/state', '{"on":true}')
    await states.seed()
    expect(states.of('lamp1')).toEqual({})
    expect(topics.retained.size).toBe(0)
  })

  test('what the type no longer allows is left out', async () => {
    const { store, states, topics } = setUpStates()
    store.savedStates.set('lamp1', { on: true, brightness: 500, gone: 1 })
    await states.seed()
    expect(topics.retained.get('devices/lamp1/state')).toBe('{"on":true}')
  })
})

describe('forgetting', () => {
  test('clears the state, what is retained, what is stored and what waits', async () => {
    const { fold, report, states, store, topics } = setUpStates()
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
    const { fold, states, store } = setUpStates()
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
