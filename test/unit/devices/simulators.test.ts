import { expect, test } from 'vitest'
import { lamp } from '../../../devices/simulators/lamp.ts'
import { plug } from '../../../devices/simulators/plug.ts'
import { sensor } from '../../../devices/simulators/sensor.ts'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import { thermostat } from '../../../devices/simulators/thermostat.ts'
import { createFakeDevice } from './fake-device.ts'

test('a lamp takes what it is set to', async () => {
  const device = createFakeDevice()
  lamp(device, device)
  await device.set({ on: true, brightness: 30 })
  expect(device.state()).toEqual({ on: true, brightness: 30, colorTemperature: 4000 })
})

test('a lamp blinks as often as asked and ends as it was', () => {
  const device = createFakeDevice()
  lamp(device, device)
  device.invoke('blink', { times: 2 })
  const seen: unknown[] = []
  for (let i = 0; i < 6; i++) {
    device.tick()
    seen.push(device.state().on)
  }
  expect(seen).toEqual([true, false, true, false, false, false])
})

test('a thermostat drifts to its target, and to the weather when off', async () => {
  const device = createFakeDevice()
  thermostat(device, device)
  await device.set({ target: 25 })
  device.tick(50)
  expect(device.state().temperature).toBe(25)
  await device.set({ mode: 'off' })
  device.tick(50)
  expect(device.state().temperature).toBe(18)
})

test('a thermostat that cools does not heat', async () => {
  const device = createFakeDevice()
  thermostat(device, device)
  await device.set({ target: 30, mode: 'cool' })
  device.tick(50)
  expect(device.state().temperature).toBe(18)
})

test('a thermostat says once that it is overheated', async () => {
  const device = createFakeDevice()
  thermostat(device, device)
  await device.set({ target: 35 })
  device.tick(80)
  expect(device.events).toEqual([['overheated', { temperature: expect.any(Number) }]])
})

test('a plug meters while it is on, and its meter can be reset', async () => {
  const device = createFakeDevice()
  plug(device, device)
  device.tick(900)
  expect(device.state()).toEqual({ on: true, power: 60, energy: 0.03 })
  await device.set({ on: false })
  device.tick(900)
  expect(device.state()).toEqual({ on: false, power: 0, energy: 0.03 })
  device.invoke('resetEnergy')
  expect(device.state().energy).toBe(0)
})

test('a sensor reports whatever chance brings within its bounds', () => {
  const device = createFakeDevice(() => 0)
  sensor(device, device)
  device.tick(200)
  expect(device.state()).toEqual({ temperature: 15, humidity: 30, battery: 100 })
  expect(device.events).toHaveLength(200)
})

test('a type without simulator is an error', () => {
  const options = { url: 'mqtt://127.0.0.1:1', id: 'x', secret: 'x' }
  expect(() => startSimulator({ ...options, type: 'toaster' })).toThrow('there are lamp')
})
