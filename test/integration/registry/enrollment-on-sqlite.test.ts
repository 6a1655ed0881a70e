import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents } from '../../../src/domain/events.ts'
import { guest } from '../../../src/domain/principal.ts'
import type { RequestContext } from '../../../src/domain/request.ts'
import { createEnrollmentHandlers } from '../../../src/registry/enrollment/enrollment-handlers.ts'
import {
  createEnrollmentLimits,
  type EnrollmentLimitOptions,
} from '../../../src/registry/enrollment/enrollment-limits.ts'
import { createProductSecrets } from '../../../src/registry/enrollment/product-secrets.ts'
import { createProducts } from '../../../src/registry/enrollment/products.ts'
import { createProvisioning } from '../../../src/registry/enrollment/provisioning.ts'
import { isSecretOf } from '../../../src/registry/enrollment/secret-hash.ts'
import { loadThingModels } from '../../../src/registry/types/thing-models.ts'
import { openTempStore, tempFile } from '../store/open-temp-store.ts'
import { account } from '../store/records.ts'

const models = await loadThingModels([join(import.meta.dirname, '../../../devices/types')])
const secrets = createProductSecrets(Buffer.alloc(32, 7))
const nowMs = 1_700_000_000_500
const nowS = 1_700_000_000
const ample = { points: 1000, durationSeconds: 60 }

/** The handler and the operator's side on a real store, with `lamp` enabled. */
async function setUp({ file = tempFile(), limits = {} as Partial<EnrollmentLimitOptions> } = {}) {
  const store = await openTempStore({ file })
  const learnt: string[] = []
  const enrolled: string[] = []
  const events = createEvents()
  const orders = createOrders(events, localBus)
  orders.obey({
    'device-enrolled'({ deviceId, type }) {
      enrolled.push(deviceId)
      learnt.push(`${deviceId} ${type}`)
    },
  })
  const handlers = createEnrollmentHandlers({
    store: store.enrollment,
    models,
    secrets,
    limits: createEnrollmentLimits({ address: ample, serial: ample, ...limits }),
    orders,
    now: () => nowMs,
    windowSeconds: 300,
  })
  const products = createProducts({ store: store.enrollment, models, secrets })
  const provisioning = createProvisioning({
    store: store.devices,
    enrollment: store.enrollment,
    models,
    now: () => nowMs,
  })
  await products.enable('lamp')
  const ask = (request: ReturnType<typeof signed>, address = '10.0.0.1') => {
    const context: RequestContext<'guest'> = {
      clientId: 'g',
      address,
      principal: guest,
      mayHold: async () => true,
      become: () => 'too-late',
    }
    return handlers['device/enroll'](request, context)
  }
  return { ...store, file, ask, products, provisioning, learnt, enrolled }
}

const lampSecret = secrets({ type: 'lamp', generation: 1 })

function signed(serial: string, { type = 'lamp', timestamp = nowS, secret = secrets({ type, generation: 1 }) } = {}) {
  const signature = createHmac('sha256', secret).update(`${type}\n${serial}\n${timestamp}`, 'utf8').digest('hex')
  return { type, serial, timestamp, signature }
}

test('a right signature makes the device: registered, known at once, its secret stored only as a hash', async () => {
  const { ask, devices, learnt, enrolled } = await setUp()
  const answer = await ask(signed('SN-1'))
  if ('refused' in answer) throw new Error(`${answer.refused}`)
  expect(answer).toEqual({
    deviceId: 'lamp-SN-1',
    secret: expect.stringMatching(/^[0-9a-f]{32}$/),
    claimCode: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
  })
  const device = await devices.deviceById('lamp-SN-1')
  expect(device).toMatchObject({ type: 'lamp', disabled: false, createdAtMs: nowMs })
  expect(isSecretOf(device?.secretHash, answer.secret)).toBe(true)
  expect(learnt).toEqual(['lamp-SN-1 lamp'])
  expect(enrolled).toEqual(['lamp-SN-1'])
})

test('the longest type and serial make a device id of 64 characters', async () => {
  const { ask } = await setUp()
  expect(await ask(signed('s'.repeat(31)))).toMatchObject({ deviceId: `lamp-${'s'.repeat(31)}` })
})

test('the product secret is a keyed hash of type and generation', () => {
  const expected = createHmac('sha256', Buffer.alloc(32, 7)).update('lamp\n3').digest('hex')
  expect(secrets({ type: 'lamp', generation: 3 })).toBe(expected)
})

describe('all get the same answer, 4003 without a detail, and nothing is created', () => {
  test.each([
    ['a wrong signature', { ...signed('1'), signature: '0'.repeat(64) }],
    ['a signature of another serial', { ...signed('2'), serial: '1' }],
    ['a signature of another time', { ...signed('1', { timestamp: nowS - 1 }), timestamp: nowS }],
    ['the secret of another type', signed('1', { secret: secrets({ type: 'plug', generation: 1 }) })],
    [
      'the secret as bytes, not as text',
      {
        ...signed('1'),
        signature: createHmac('sha256', Buffer.from(lampSecret, 'hex')).update(`lamp\n1\n${nowS}`).digest('hex'),
      },
    ],
    ['a secret of a generation yet to come', signed('1', { secret: secrets({ type: 'lamp', generation: 2 }) })],
    ['a type that is not enabled', signed('1', { type: 'plug' })],
    ['a type that does not exist', signed('1', { type: 'rocket' })],
    ['a wrong signature and a wrong clock', { ...signed('1', { timestamp: 5 }), signature: '0'.repeat(64) }],
  ])('%s', async (_what, request) => {
    const { ask, devices, learnt } = await setUp()
    expect(await ask(request)).toEqual({ refused: 4003 })
    expect(await devices.listDevices()).toEqual([])
    expect(learnt).toEqual([])
  })

  test('a wrong signature for a device that is enrolled', async () => {
    const { ask } = await setUp()
    await ask(signed('1'))
    expect(await ask({ ...signed('1'), signature: '0'.repeat(64) })).toEqual({ refused: 4003 })
  })
})

test.each([
  [301, "the device's clock is 301 s ahead"],
  [-301, "the device's clock is 301 s behind"],
])('a clock that is off by %i s is told so, after a right signature', async (off, words) => {
  const { ask, devices } = await setUp()
  expect(await ask(signed('1', { timestamp: nowS + off }))).toEqual({ refused: 4003, detail: `timestamp: ${words}` })
  expect(await devices.listDevices()).toEqual([])
  expect(await ask(signed('1', { timestamp: nowS + Math.sign(off) * 300 }))).toMatchObject({ deviceId: 'lamp-1' })
})

test('a rotated secret is void at once, and so is that of a disabled type; those that enrolled stay', async () => {
  const { ask, products, devices } = await setUp()
  await ask(signed('1'))
  const rotated = await products.rotate('lamp')
  if (rotated === 'unknown-type') throw new Error(rotated)
  expect(await ask(signed('2'))).toEqual({ refused: 4003 })
  expect(await ask(signed('2', { secret: rotated.secret }))).toMatchObject({ deviceId: 'lamp-2' })
  await products.disable('lamp')
  expect(await ask(signed('3', { secret: rotated.secret }))).toEqual({ refused: 4003 })
  expect((await devices.listDevices()).map(({ id }) => id)).toEqual(['lamp-1', 'lamp-2'])
})

test('rotating a type that was never enabled enables nothing', async () => {
  const { products } = await setUp()
  expect(await products.rotate('plug')).toMatchObject({ generation: 2, enabled: false })
  expect(await products.show('plug')).toMatchObject({ generation: 2, enabled: false })
  expect(await products.show('sensor')).toMatchObject({ generation: 1, enabled: false })
  expect(await products.enable('rocket')).toBe('unknown-type')
  expect(await products.disable('rocket')).toBe('unknown-type')
})

describe('enrolled once', () => {
  test('a serial that has enrolled, and an id that exists, is 2007; the device keeps its secret', async () => {
    const { ask, devices, provisioning } = await setUp()
    await ask(signed('1'))
    await provisioning.addDevice({ type: 'lamp', id: 'lamp-2' })
    const before = [await devices.deviceById('lamp-1'), await devices.deviceById('lamp-2')]
    expect(await ask(signed('1', { timestamp: nowS + 1 }))).toEqual({ refused: 2007 })
    expect(await ask(signed('2'))).toEqual({ refused: 2007 })
    expect([await devices.deviceById('lamp-1'), await devices.deviceById('lamp-2')]).toEqual(before)
  })

  test('a device that was added and reset did not enroll, so it may not', async () => {
    const { ask, provisioning } = await setUp()
    await provisioning.addDevice({ type: 'lamp', id: 'lamp-2' })
    await provisioning.resetDevice('lamp-2')
    expect(await ask(signed('2'))).toEqual({ refused: 2007 })
  })

  test('after a reset it enrolls once more, by a later request alone, also after a restart', async () => {
    const { ask, provisioning, file } = await setUp()
    const first = signed('1')
    await ask(first)
    await provisioning.resetDevice('lamp-1')
    const restarted = await setUp({ file })
    expect(await restarted.ask(first)).toMatchObject({ refused: 4003, detail: expect.stringContaining('timestamp') })
    expect(await restarted.ask(signed('1', { timestamp: nowS - 1 }))).toMatchObject({ refused: 4003 })
    const later = signed('1', { timestamp: nowS + 1 })
    expect(await restarted.ask(later)).toMatchObject({ deviceId: 'lamp-1' })
    expect(await restarted.ask(signed('1', { timestamp: nowS + 2 }))).toEqual({ refused: 2007 })
    await provisioning.resetDevice('lamp-1')
    expect(await ask(later)).toMatchObject({ refused: 4003 })
  })

  test('a device of another type that has the id is not given away', async () => {
    const { ask, devices, enrollment, provisioning } = await setUp()
    const other = { id: 'lamp-x-1', type: 'lamp-x', name: 'X', disabled: false, createdAtMs: 0 }
    await enrollment.enroll(other, { secretHash: 'theirs', claimHash: null }, nowS - 100)
    await provisioning.resetDevice('lamp-x-1')
    expect(await ask(signed('x-1'))).toEqual({ refused: 2007 })
    expect(await devices.deviceById('lamp-x-1')).toMatchObject({ type: 'lamp-x' })
  })

  test('the owner stays the owner: a device that enrolls again has no claim code', async () => {
    const { ask, accounts, devices, provisioning } = await setUp()
    await accounts.createAccount(account('ann'))
    await ask(signed('1'))
    await devices.claim('lamp-1', 'ann')
    await provisioning.resetDevice('lamp-1')
    expect(await ask(signed('1', { timestamp: nowS + 1 }))).toMatchObject({ deviceId: 'lamp-1', claimCode: null })
    expect(await devices.deviceById('lamp-1')).toMatchObject({ claimHash: null })
    expect(await devices.membersOf('lamp-1')).toEqual([{ userId: 'ann', role: 'owner' }])
  })

  test('a disabled device stays disabled', async () => {
    const { ask, devices, provisioning } = await setUp()
    await ask(signed('1'))
    await provisioning.setDisabled('lamp-1', true)
    await provisioning.resetDevice('lamp-1')
    await ask(signed('1', { timestamp: nowS + 1 }))
    expect(await devices.deviceById('lamp-1')).toMatchObject({ disabled: true })
  })

  test('when equal requests come at once exactly one wins, the first time and after a reset', async () => {
    const { ask, provisioning } = await setUp()
    const winners = async (request: ReturnType<typeof signed>) =>
      (await Promise.all(Array.from({ length: 5 }, () => ask(request)))).filter(answer => 'secret' in answer)
    expect(await winners(signed('1'))).toHaveLength(1)
    await provisioning.resetDevice('lamp-1')
    expect(await winners(signed('1', { timestamp: nowS + 1 }))).toHaveLength(1)
  })
})

describe('attempts are limited', () => {
  const wrong = (serial: string) => ({ ...signed(serial), signature: '0'.repeat(64) })

  test('from one address, whatever the serial', async () => {
    const { ask } = await setUp({ limits: { address: { points: 3, durationSeconds: 60 } } })
    const answers = await Promise.all(['1', '2', '3', '4'].map(serial => ask(wrong(serial))))
    expect(answers.map(answer => 'refused' in answer && answer.refused)).toEqual([4003, 4003, 4003, 4029])
    expect(await ask(signed('5'))).toEqual({ refused: 4029, retryAfterSeconds: 60 })
    expect(await ask(signed('5'), '10.0.0.2')).toMatchObject({ deviceId: 'lamp-5' })
  })

  test('for one serial from one address; from another the device itself still gets through', async () => {
    const { ask } = await setUp({ limits: { serial: { points: 2, durationSeconds: 60 } } })
    for (let i = 0; i < 2; i++) expect(await ask(wrong('1'), '10.0.0.1')).toEqual({ refused: 4003 })
    expect(await ask(signed('1'), '10.0.0.1')).toEqual({ refused: 4029, retryAfterSeconds: 60 })
    expect(await ask(signed('2'), '10.0.0.1')).toMatchObject({ deviceId: 'lamp-2' })
    expect(await ask(signed('1'), '10.0.0.3')).toMatchObject({ deviceId: 'lamp-1' })
  })

  test('and those that succeed do not count: a factory has many devices behind one address', async () => {
    const { ask } = await setUp({ limits: { address: { points: 2, durationSeconds: 60 } } })
    for (let i = 0; i < 6; i++) expect(await ask(signed(`${i}`))).toMatchObject({ deviceId: `lamp-${i}` })
  })
})
