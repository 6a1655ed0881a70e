import { afterEach, describe, expect, test, vi } from 'vitest'
import { createOrders } from '../../../../src/bus/create-orders.ts'
import { localBus } from '../../../../src/bus/local-bus.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import type { UserPrincipal } from '../../../../src/domain/principal.ts'
import type { RequestContext } from '../../../../src/domain/request.ts'
import { deviceViewSchema } from '../../../../src/protocol/operations/device.ts'
import { hashClaimCode } from '../../../../src/registry/enrollment/claim-code.ts'
import { createClaimLimits } from '../../../../src/registry/ownership/claim-limits.ts'
import { createDeviceHandlers } from '../../../../src/registry/ownership/device-handlers.ts'
import { createReleaseDevice } from '../../../../src/registry/ownership/release-device.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { models } from '../models.ts'

afterEach(() => {
  vi.useRealTimers()
})

const as = (userId: string): RequestContext<'user'> => {
  const token = { id: 't', expiresAtMs: 0 }
  const principal: UserPrincipal = { kind: 'user', userId, username: userId, grants: new Map(), token }
  return {
    clientId: `phone-of-${userId}`,
    address: '127.0.0.1',
    principal,
    mayHold: async () => true,
    become: () => 'done',
  }
}

function setUp() {
  const store = createFakeDeviceStore()
  const events = createEvents()
  const orders = createOrders(events, localBus)
  const log: unknown[] = []
  for (const name of ['device-claimed', 'device-released', 'grant-changed', 'device-changed'] as const) {
    events.on(name, (payload: object) => log.push([name, payload]))
  }
  store.add({ id: 'lamp1', name: 'Lamp' })
  const states = {
    of: () => ({ on: true }),
    forget: async (id: string) => void log.push(['forgotten', id]),
    settle: async (id: string) => void log.push(['settled', id]),
  }
  const directory = {
    learn: ({ id, type }: { id: string; type: string }) => void log.push(['known', { id, type }]),
  }
  const handlers = createDeviceHandlers({
    ...{ store, models, events, orders, states, directory },
    release: createReleaseDevice({ store, models, events, orders, states }),
    presence: { of: () => ({ online: true, sinceMs: 7 }) },
    now: () => 1000,
    limits: createClaimLimits({
      user: { points: 3, durationSeconds: 60 },
      device: { points: 6, durationSeconds: 60 },
    }),
  })
  const claim = (userId: string, code = 'ABCD-0123', deviceId = 'lamp1') =>
    handlers['device/claim']({ deviceId, code }, as(userId))
  const share = () =>
    store.members.set('lamp1', [
      { userId: 'ann', role: 'owner' },
      { userId: 'bob', role: 'controller' },
    ])
  return { store, handlers, log, claim, share }
}

describe('device/claim', () => {
  test('makes the user the owner and answers the device', async () => {
    const { claim, store, log } = setUp()
    const view = await claim('ann')
    expect(deviceViewSchema.parse(view)).toMatchObject({
      id: 'lamp1',
      type: 'lamp',
      name: 'Lamp',
      role: 'owner',
      online: true,
      since: 7,
      state: { on: true },
    })
    expect(store.members.get('lamp1')).toEqual([{ userId: 'ann', role: 'owner' }])
    expect(log).toMatchObject([
      ['known', { id: 'lamp1', type: 'lamp' }],
      ['settled', 'lamp1'],
      ['device-claimed', { deviceId: 'lamp1', userId: 'ann' }],
      ['grant-changed', { deviceId: 'lamp1', userId: 'ann', role: 'owner' }],
    ])
  })

  test.each(['abcd-0123', 'ABCDO123', 'ABCD0L23', 'abcd-oi23'])('takes the code as people type it: %s', async code => {
    const { claim } = setUp()
    expect(await claim('ann', code)).toMatchObject({ id: 'lamp1' })
  })

  test('answers 2001, 2002 and 2003', async () => {
    const { claim, log } = setUp()
    expect(await claim('ann', 'ABCD-0123', 'nobody')).toEqual({ refused: 2001 })
    expect(await claim('ann', 'WRNG-0000')).toEqual({ refused: 2002 })
    await claim('ann')
    log.length = 0
    expect(await claim('bob')).toEqual({ refused: 2003 })
    expect(log).toEqual([])
  })

  test('a device that was released has no code until an operator issues one', async () => {
    const { claim, handlers, store } = setUp()
    await claim('ann')
    await handlers['device/release']({ deviceId: 'lamp1' }, as('ann'))
    expect(await claim('bob')).toEqual({ refused: 2002 })
    await store.setCredentials('lamp1', { claimHash: hashClaimCode('NEWC-0DE1') })
    expect(await claim('bob', 'NEWC-0DE1')).toMatchObject({ id: 'lamp1' })
  })

  test('the claim that comes second at the same time is 2003', async () => {
    const { claim } = setUp()
    const answers = await Promise.all([claim('ann'), claim('bob')])
    expect(answers).toEqual([expect.objectContaining({ id: 'lamp1' }), { refused: 2003 }])
  })

  test('a user who guesses is told to slow down, even with the right code', async () => {
    const { claim } = setUp()
    for (let i = 0; i < 3; i++) expect(await claim('eve', `WRNG-000${i}`)).toEqual({ refused: 2002 })
    expect(await claim('eve')).toEqual({ refused: 4029, retryAfterSeconds: 60 })
    expect(await claim('ann')).toMatchObject({ id: 'lamp1' })
  })

  test('guesses at the same time are counted too', async () => {
    const { claim } = setUp()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => claim('eve', `WRNG-000${i}`)))
    expect(answers.filter(answer => 'refused' in answer && answer.refused === 2002)).toHaveLength(3)
  })

  test('guessing device ids is limited like guessing codes', async () => {
    const { claim } = setUp()
    for (let i = 0; i < 3; i++) expect(await claim('eve', 'A', `lamp-${i}`)).toEqual({ refused: 2001 })
    expect(await claim('eve', 'A', 'lamp-3')).toMatchObject({ refused: 4029 })
  })

  test('many users guessing at one device make everybody wait for it, three seconds at most, and lock nobody out', async () => {
    vi.useFakeTimers()
    const { claim, store } = setUp()
    store.add({ id: 'lamp2' })
    const waitOf = async (answer: Promise<unknown>, expected: unknown) => {
      const startedAt = Date.now()
      await vi.runAllTimersAsync()
      expect(await answer).toEqual(expected)
      return Date.now() - startedAt
    }
    const waits: number[] = []
    for (let i = 0; i < 14; i++) waits.push(await waitOf(claim(`eve${i}`, 'WRNG'), { refused: 2002 }))
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3000, 3000, 3000])
    expect(await waitOf(claim('bob', 'WRNG', 'lamp2'), { refused: 2002 })).toBe(0)
    expect(await waitOf(claim('ann'), expect.objectContaining({ id: 'lamp1' }))).toBe(3000)
  })

  test('at most a thousand wait for a device; beyond them users who have failed before are refused', async () => {
    vi.useFakeTimers()
    const { claim } = setUp()
    for (let i = 0; i < 6; i++) await claim(`eve${i}`, 'WRNG')
    const waiting = Array.from({ length: 1000 }, (_, i) => claim(`mallory${i}`, 'WRNG'))
    await Promise.resolve()
    expect(vi.getTimerCount()).toBe(1000)
    expect(await claim('eve0', 'WRNG')).toMatchObject({ refused: 4029 })
    expect(await claim('ann')).toMatchObject({ id: 'lamp1' })
    await vi.runAllTimersAsync()
    await Promise.all(waiting)
  })

  test('right codes are not counted', async () => {
    const { claim, store } = setUp()
    for (let i = 0; i < 10; i++) {
      store.add({ id: `lamp-${i}` })
      expect(await claim('ann', 'ABCD-0123', `lamp-${i}`)).toMatchObject({ role: 'owner' })
    }
  })
})

describe('device/list', () => {
  test('with `models: "once"` the model of a type comes with its first device alone, else with each', async () => {
    const { store, handlers } = setUp()
    for (const id of ['lamp2', 'lamp3']) store.add({ id, name: id })
    for (const id of ['lamp1', 'lamp2', 'lamp3']) store.members.set(id, [{ userId: 'ann', role: 'owner' }])
    const list = async (request: { models?: 'once' }) => {
      const listed = await handlers['device/list'](request, as('ann'))
      if (!Array.isArray(listed)) throw new Error('refused')
      return listed.map(({ id, model }) => [id, model?.title])
    }
    expect(await list({ models: 'once' })).toEqual([
      ['lamp1', 'Test'],
      ['lamp2', undefined],
      ['lamp3', undefined],
    ])
    expect((await list({})).map(([, title]) => title)).toEqual(['Test', 'Test', 'Test'])
  })

  test('holds what the user owns or was given, with the role', async () => {
    const { handlers, share, store } = setUp()
    share()
    store.add({ id: 'other' })
    expect(await handlers['device/list']({}, as('bob'))).toMatchObject([{ id: 'lamp1', role: 'controller' }])
    expect(await handlers['device/list']({}, as('eve'))).toEqual([])
  })

  test('still holds a device whose thing model is gone, without controls', async () => {
    const { handlers, store } = setUp()
    store.add({ id: 'odd1', type: 'odd' })
    store.members.set('odd1', [{ userId: 'ann', role: 'owner' }])
    const list = await handlers['device/list']({}, as('ann'))
    expect(list).toMatchObject([{ id: 'odd1', model: { title: 'odd', properties: {} } }])
  })
})

describe('device/release', () => {
  test('ends every grant, then forgets the state', async () => {
    const { handlers, share, store, log } = setUp()
    share()
    expect(await handlers['device/release']({ deviceId: 'lamp1' }, as('ann'))).toEqual({})
    expect(store.members.has('lamp1')).toBe(false)
    expect(log).toEqual([
      ['grant-changed', { deviceId: 'lamp1', userId: 'ann', role: null }],
      ['grant-changed', { deviceId: 'lamp1', userId: 'bob', role: null }],
      ['device-released', { deviceId: 'lamp1', userId: 'ann', tenure: '+' }],
      ['forgotten', 'lamp1'],
    ])
  })

  test('is the owner’s: 4003 to other members, 2001 to strangers and for devices that do not exist', async () => {
    const { handlers, share, log } = setUp()
    share()
    expect(await handlers['device/release']({ deviceId: 'lamp1' }, as('bob'))).toEqual({ refused: 4003 })
    expect(await handlers['device/release']({ deviceId: 'lamp1' }, as('eve'))).toEqual({ refused: 2001 })
    expect(await handlers['device/release']({ deviceId: 'nobody' }, as('eve'))).toEqual({ refused: 2001 })
    expect(log).toEqual([])
  })
})

test("device/release: the name that its owner gave it is nobody's afterwards", async () => {
  const { handlers, share, store } = setUp()
  share()
  await handlers['device/rename']({ deviceId: 'lamp1', name: "Ann's bedroom 💡" }, as('ann'))
  expect(await store.deviceById('lamp1')).toMatchObject({ name: "Ann's bedroom 💡" })
  await handlers['device/release']({ deviceId: 'lamp1' }, as('ann'))
  expect(await store.deviceById('lamp1')).toMatchObject({ name: models.get('lamp')?.model.title })
})

test('device/release: by an owner who handed the device over meanwhile is answered 2001, and nothing is deleted', async () => {
  const { handlers, share, store, log } = setUp()
  share()
  const { release } = store
  store.release = async (id, ownerId, name) => {
    store.members.set(id, [{ userId: 'bob', role: 'owner' }])
    return release(id, ownerId, name)
  }
  expect(await handlers['device/release']({ deviceId: 'lamp1' }, as('ann'))).toEqual({ refused: 2001 })
  expect(store.members.get('lamp1')).toEqual([{ userId: 'bob', role: 'owner' }])
  expect(log).toEqual([])
})

describe('device/rename', () => {
  test('names the device for all its members', async () => {
    const { handlers, share, store, log } = setUp()
    share()
    expect(await handlers['device/rename']({ deviceId: 'lamp1', name: '书房' }, as('ann'))).toEqual({})
    expect(store.devices.get('lamp1')?.name).toBe('书房')
    expect(log).toEqual([
      ['device-changed', { deviceId: 'lamp1', userId: 'ann' }],
      ['device-changed', { deviceId: 'lamp1', userId: 'bob' }],
    ])
  })

  test('is the owner’s: 4003 to other members, 2001 to strangers', async () => {
    const { handlers, share, store } = setUp()
    share()
    expect(await handlers['device/rename']({ deviceId: 'lamp1', name: 'x' }, as('bob'))).toEqual({ refused: 4003 })
    expect(await handlers['device/rename']({ deviceId: 'lamp1', name: 'x' }, as('eve'))).toEqual({ refused: 2001 })
    expect(store.devices.get('lamp1')?.name).toBe('Lamp')
  })

  test('2001, and nobody hears of it, when the device is handed over at that moment', async () => {
    const { handlers, share, store, log } = setUp()
    share()
    store.renameDevice = async () => false
    expect(await handlers['device/rename']({ deviceId: 'lamp1', name: 'x' }, as('ann'))).toEqual({ refused: 2001 })
    expect(log).toEqual([])
  })
})
