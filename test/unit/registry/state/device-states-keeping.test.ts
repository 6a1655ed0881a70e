import { describe, expect, test } from 'vitest'
import { retain, retainedOn } from '../../../support/store-steps.ts'
import { setUpStates } from './device-states-fixture.ts'

const retainedOf = async ({ mqtt }: ReturnType<typeof setUpStates>, deviceId = 'lamp1') =>
  (await retainedOn(mqtt, `devices/${deviceId}/state`))?.payload.toString()

describe('keeping', () => {
  test('the whole state is what is retained, from the call on in which it was reported', async () => {
    const world = setUpStates()
    world.report({ on: true })
    expect(await retainedOf(world)).toBe('{"on":true}')
    world.report({ brightness: 5 })
    expect(await retainedOf(world)).toBe('{"on":true,"brightness":5}')
    expect(world.states.now('lamp1')).toBe('{"on":true,"brightness":5}')
  })

  test('what cannot be kept is put again', async () => {
    const world = setUpStates()
    const { kept, report, scheduler, faults } = world
    const { put } = kept
    report({ on: true })
    kept.put = () => Promise.reject(new Error('undone'))
    report({ on: false })
    await expect.poll(() => faults.map(({ where }) => where)).toEqual(['keeping a device state'])
    expect(await retainedOf(world)).toBe('{"on":true}')
    kept.put = put
    scheduler.fire()
    expect(await retainedOf(world)).toBe('{"on":false}')
  })

  test('a report that changes nothing is put as long as what it repeats is not kept', async () => {
    const { kept, report, states, faults } = setUpStates()
    const { put } = kept
    let puts = 0
    kept.put = () => Promise.reject(new Error('locked'))
    report({ on: true })
    await states.settle('lamp1').catch(() => {})
    expect(faults).toHaveLength(1)
    kept.put = (...state) => {
      puts++
      return put(...state)
    }
    report({ on: true })
    expect(puts).toBe(1)
    await states.settle('lamp1')
    puts = 0
    report({ on: true })
    expect(puts).toBe(0)
  })

  test('a state without a property is not retained', async () => {
    const world = setUpStates()
    world.report({ on: true })
    world.report({ on: null })
    expect(await retainedOf(world)).toBeUndefined()
    expect(await world.kept.of('lamp1')).toBeUndefined()
  })

  test('a report that is refused whole keeps nothing', async () => {
    const world = setUpStates()
    world.report({ colour: 'red' })
    expect(await retainedOf(world)).toBeUndefined()
  })

  test('while nothing can be kept that is told once a second, and closing tries for the last time', async () => {
    const { kept, report, states, scheduler, faults } = setUpStates()
    kept.put = () => Promise.reject(new Error('locked'))
    report({ on: true })
    report({ on: false })
    report({ on: true }, 'lamp2')
    await states.settle('lamp1').catch(() => {})
    expect(faults).toHaveLength(1)
    expect(scheduler.delaysMs).toEqual([1000])
    scheduler.fire()
    await states.settle('lamp1').catch(() => {})
    expect(faults).toHaveLength(2)
    await states.close()
    expect(scheduler.delaysMs).toEqual([1000, 1000])
  })
})

describe('seeding', () => {
  test('what was kept is there again', async () => {
    const { kept, states } = setUpStates()
    await kept.put('lamp1', '', JSON.stringify({ on: true }))
    await states.seed()
    expect(states.of('lamp1')).toEqual({ on: true })
  })

  test('what was reported under another tenure is removed: a kill came in the middle of a release', async () => {
    const world = setUpStates()
    await world.kept.put('lamp1', '', JSON.stringify({ on: true }))
    world.store.tenuresOf.set('lamp1', 'another')
    await world.states.seed()
    expect(world.states.of('lamp1')).toEqual({})
    expect(await retainedOf(world)).toBeUndefined()
  })

  test('what was kept of a device that is not registered any more is removed', async () => {
    const world = setUpStates()
    await world.kept.put('gone', 'some', JSON.stringify({ on: true }))
    await world.states.seed()
    expect([...(await world.mqtt.states.all()).keys()]).toEqual([])
    expect(await retainedOf(world, 'gone')).toBeUndefined()
  })

  test('what the type no longer allows is left out', async () => {
    const world = setUpStates()
    await world.kept.put('lamp1', '', JSON.stringify({ on: true, brightness: 500, gone: 1 }))
    await world.states.seed()
    expect(await retainedOf(world)).toBe('{"on":true}')
  })
})

describe('what an earlier version kept', () => {
  const retainState = ({ mqtt }: ReturnType<typeof setUpStates>, state: string, deviceId = 'lamp1') =>
    retain(mqtt, { topic: `devices/${deviceId}/state`, payload: Buffer.from(state), qos: 1, retain: true })

  test('is taken over, and forgotten where it was', async () => {
    const world = setUpStates()
    world.store.earlierStatesOf.set('lamp1', { on: true })
    await world.states.seed()
    expect(await retainedOf(world)).toBe('{"on":true}')
    expect(await world.kept.of('lamp1')).toEqual({ tenure: '', state: JSON.stringify({ on: true }) })
    expect(world.store.earlierStatesOf.size).toBe(0)
  })

  test('may have been retained a moment later than it was written down', async () => {
    const world = setUpStates()
    world.store.earlierStatesOf.set('lamp1', { on: true })
    await retainState(world, '{"on":false}')
    await world.states.seed()
    expect(world.states.of('lamp1')).toEqual({ on: false })
    expect((await world.kept.of('lamp1'))?.tenure).toBe('')
  })

  test('is taken over when it was only retained and never written down, unless the device was released', async () => {
    const world = setUpStates()
    await retainState(world, '{"on":true}')
    await retainState(world, '{"on":true}', 'lamp2')
    world.store.tenuresOf.set('lamp2', '1700000000000')
    await world.states.seed()
    expect(world.states.of('lamp1')).toEqual({ on: true })
    expect(world.states.of('lamp2')).toEqual({})
    expect(await retainedOf(world, 'lamp2')).toBeUndefined()
  })

  test('is taken over once: a kill before it was forgotten there brings nothing back', async () => {
    const world = setUpStates()
    world.store.earlierStatesOf.set('lamp1', { on: true })
    world.store.dropEarlierStates = () => Promise.reject(new Error('killed'))
    await expect(world.states.seed()).rejects.toThrow('killed')
    await world.kept.put('lamp1', '', JSON.stringify({ on: false }))
    await world.states.seed().catch(() => {})
    expect(world.states.of('lamp1')).toEqual({ on: false })
  })
})

describe('forgetting', () => {
  test('removes the state and what is retained', async () => {
    const world = setUpStates()
    world.report({ on: true })
    world.store.tenuresOf.set('lamp1', 'another')
    await world.states.forget('lamp1')
    expect(world.states.of('lamp1')).toEqual({})
    expect(await retainedOf(world)).toBeUndefined()
    world.report({ brightness: 5 })
    expect(await world.kept.of('lamp1')).toEqual({ tenure: 'another', state: JSON.stringify({ brightness: 5 }) })
  })

  test('that cannot be done now is tried again, and until then the device does not settle', async () => {
    const world = setUpStates()
    const { kept, states, scheduler } = world
    const { put } = kept
    world.report({ on: true })
    kept.put = () => Promise.reject(new Error('locked'))
    await states.forget('lamp1')
    expect(states.of('lamp1')).toEqual({})
    await expect(states.settle('lamp1')).rejects.toThrow('locked')
    kept.put = put
    scheduler.fire()
    expect(await retainedOf(world)).toBeUndefined()
    await states.settle('lamp1')
  })
})
