import type { Simulation } from './simulation.ts'
import { rounded, wander } from './simulation.ts'

const periodMs = 5000
const motionsPerPeriod = 0.1
const batteryPerPeriod = 0.001

/** Readings wander, the battery runs down and is replaced, and now and then somebody walks by. */
export const sensor: Simulation = (device, world) => {
  let temperature = 21
  let humidity = 50
  let battery = 100
  device.report({ temperature, humidity, battery })
  world.every(periodMs, () => {
    temperature = wander(temperature, 0.2, [15, 30], world)
    humidity = wander(humidity, 1, [30, 70], world)
    battery = battery > 5 ? battery - batteryPerPeriod : 100
    device.report({
      temperature: rounded(temperature, 1),
      humidity: rounded(humidity, 0),
      battery: Math.ceil(battery),
    })
    if (world.random() < motionsPerPeriod) device.event('motion')
  })
}
