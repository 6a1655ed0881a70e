import { expect, onTestFinished, test } from 'vitest'
import { connectDevice, type Device, type DeviceOptions } from '../../../devices/sdk/connect-device.ts'
import type { ConnectionStatus } from '../../../devices/sdk/keep-connected.ts'
import { type Refusal, refusalLine } from '../../../devices/sdk/refusals.ts'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import { type BareBroker, startBareBroker } from './bare-broker.ts'

const backoff = { baseMs: 20, maxMs: 50, refusedMs: 40 }

/** A device, and its statuses as they come. */
function connectTo(broker: BareBroker, options: Partial<DeviceOptions> = {}) {
  const seen: ConnectionStatus[] = []
  const waiting = new Set<() => void>()
  const onStatus = (status: ConnectionStatus) => {
    seen.push(status)
    for (const check of waiting) check()
  }
  const device: Device = connectDevice({
    url: broker.url,
    id: 'lamp1',
    secret: 's3cret',
    backoff,
    onStatus,
    ...options,
  })
  onTestFinished(() => device.close())
  /** Resolves with the first status in this state from the `from`th on. */
  const status = (state: ConnectionStatus['state'], from = 0) =>
    new Promise<ConnectionStatus>(resolve => {
      const check = () => {
        const found = seen.slice(from).find(one => one.state === state)
        if (!found) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  return { device, status, seen }
}

test('a device signs in with its id and secret, and begins with its whole state', async () => {
  await using broker = await startBareBroker()
  const state = broker.next('devices/lamp1/state')
  const { device, status } = connectTo(broker)
  device.report({ on: false, brightness: 1 })
  device.report({ brightness: 5 })
  await status('online')
  expect(await state).toEqual({ on: false, brightness: 5 })
  expect(broker.connects).toEqual([{ clientId: 'lamp1', password: 's3cret' }])
})

test('a report goes out as it is made', async () => {
  await using broker = await startBareBroker()
  const { device, status } = connectTo(broker)
  await status('online')
  const state = broker.next('devices/lamp1/state')
  device.report({ on: true })
  expect(await state).toEqual({ on: true })
  expect(device.state()).toEqual({ on: true })
})

test('a set is reported and acknowledged, an action acknowledged', async () => {
  await using broker = await startBareBroker()
  const { device, status } = connectTo(broker)
  device.onSet(wanted => wanted)
  device.onInvoke('blink', () => {
    throw new Error('too tired')
  })
  await status('online')
  const [state, ack] = [broker.next('devices/lamp1/state'), broker.next('devices/lamp1/ack')]
  await broker.send('devices/lamp1/set', { id: '7', on: true })
  expect(await state).toEqual({ on: true })
  expect(await ack).toEqual({ id: '7', code: 0 })
  const refusal = broker.next('devices/lamp1/ack')
  await broker.send('devices/lamp1/invoke/blink', { id: '8' })
  expect(await refusal).toEqual({ id: '8', code: 2005, msg: 'too tired' })
})

test('after a cut the device comes back, subscribes again and reports all it has, what is gone included', async () => {
  await using broker = await startBareBroker()
  const { device, status, seen } = connectTo(broker)
  device.onSet(wanted => wanted)
  device.report({ on: true, label: 'desk' })
  await status('online')
  broker.cut()
  await status('offline')
  device.report({ label: null, brightness: 5 })
  const whole = broker.next('devices/lamp1/state')
  await status('online', seen.length)
  expect(await whole).toEqual({ on: true, brightness: 5, label: null })
  const ack = broker.next('devices/lamp1/ack')
  await broker.send('devices/lamp1/set', { id: '9', on: false })
  expect(await ack).toEqual({ id: '9', code: 0 })
})

test('an event while offline is sent when the device is back', async () => {
  await using broker = await startBareBroker()
  const { device, status } = connectTo(broker)
  await status('online')
  broker.cut()
  await status('offline')
  const event = broker.next('devices/lamp1/event/motion')
  device.event('motion', { room: 'hall' })
  expect(await event).toEqual({ room: 'hall' })
})

test.each([2, 4, 5])('CONNACK %i is a refusal: the device waits long, and comes back when it is let in', async code => {
  await using broker = await startBareBroker()
  broker.returnCode = code
  const { status } = connectTo(broker, { random: () => 0 })
  expect(await status('refused')).toEqual({ state: 'refused', returnCode: code, retryInMs: 20 })
  broker.returnCode = 0
  await status('online')
})

test('a refused subscription is a refusal too', async () => {
  await using broker = await startBareBroker()
  broker.subscribable = false
  const { status } = connectTo(broker)
  expect(await status('refused')).toMatchObject({ returnCode: 128 })
  broker.subscribable = true
  await status('online')
})

test('CONNACK 3 is a broker in trouble: the device tries again as after any loss', async () => {
  await using broker = await startBareBroker()
  broker.returnCode = 3
  const { status } = connectTo(broker)
  await status('offline')
  broker.returnCode = 0
  await status('online')
})

test('waits grow with every failure up to their bound, by full jitter', async () => {
  await using broker = await startBareBroker()
  const url = broker.url
  await broker[Symbol.asyncDispose]()
  const waits: number[] = []
  await new Promise<void>(resolve => {
    const device = connectDevice({
      url,
      id: 'lamp1',
      secret: 'x',
      backoff: { baseMs: 4, maxMs: 20 },
      random: () => 0.5,
      onStatus(status) {
        if (status.state === 'offline') waits.push(status.retryInMs)
        if (waits.length === 5) resolve(device.close())
      },
    })
  })
  expect(waits).toEqual([2, 4, 8, 10, 10])
})

test('a closed device stays away', async () => {
  await using broker = await startBareBroker()
  const { device, status, seen } = connectTo(broker)
  await status('online')
  await device.close()
  await device.close()
  device.report({ on: true })
  expect(seen.map(({ state }) => state)).toEqual(['online'])
})

test('closing while the broker is away is done at once', async () => {
  await using broker = await startBareBroker()
  broker.returnCode = 3
  const { device, status, seen } = connectTo(broker)
  await status('offline')
  await device.close()
  expect(seen.map(({ state }) => state)).not.toContain('online')
})

test('closing waits until what was reported has arrived', async () => {
  await using broker = await startBareBroker()
  const { device, status } = connectTo(broker)
  await status('online')
  const state = broker.next('devices/lamp1/state')
  device.report({ on: true })
  await device.close()
  expect(await state).toEqual({ on: true })
})

test('a simulated lamp answers like a real one', async () => {
  await using broker = await startBareBroker()
  const subscribed = broker.subscribed('devices/lamp1/set')
  const simulator = startSimulator({ type: 'lamp', url: broker.url, id: 'lamp1', secret: 'x' })
  onTestFinished(() => simulator.stop())
  await subscribed
  const [state, ack] = [broker.next('devices/lamp1/state'), broker.next('devices/lamp1/ack')]
  await broker.send('devices/lamp1/set', { id: '1', on: true })
  expect([await state, await ack]).toEqual([{ on: true }, { id: '1', code: 0 }])
})

test('refusals of the broker are told to the program of the device, and other notifications are ignored', async () => {
  await using broker = await startBareBroker()
  const refusals: Refusal[] = []
  const subscribed = broker.subscribed('notify/lamp1/#')
  const { device, status } = connectTo(broker, { onRefused: refusal => refusals.push(refusal) })
  const wanted: unknown[] = []
  device.onSet(properties => {
    wanted.push(properties)
    return properties
  })
  await Promise.all([subscribed, status('online')])
  const left = { topic: 'devices/lamp1/state', property: 'brightness', code: 2005, msg: 'must be <= 100' }
  const whole = { topic: 'devices/lamp1/event/x', code: 4003, msg: 'payload-too-large', rule: 'payload-too-large' }
  await broker.send('notify/lamp1/denied', left)
  for (const payload of ['', '[]', 'nonsense', '{"topic":1,"code":"2005","msg":null}'])
    await broker.sendText('notify/lamp1/denied', payload)
  await broker.send('notify/lamp1/another-kind', whole)
  await broker.send('notify/lamp1/denied', { ...whole, more: { on: true } })
  const ack = broker.next('devices/lamp1/ack')
  await broker.send('devices/lamp1/set', { id: '7', on: true })
  expect(await ack).toEqual({ id: '7', code: 0 })
  expect(refusals).toEqual([left, whole])
  expect(wanted).toEqual([{ on: true }])
})

test('a program that does not ask has a line on stderr', () => {
  expect(refusalLine({ topic: 'devices/lamp1/state', property: 'brightness', code: 2005, msg: 'must be <= 100' })).toBe(
    'refused: devices/lamp1/state brightness: must be <= 100 (2005)',
  )
})
