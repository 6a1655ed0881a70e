import type { Simulation } from './simulation.ts'
import { rounded, wander } from './simulation.ts'

const periodMs = 2000
const outsideCelsius = 18
const overheatedCelsius = 34
const degreesPerPeriod = 0.3

/** Its room drifts to the target, or to the weather outside when it is off. */
export const thermostat: Simulation = (device, world) => {
  let temperature = 20
  let humidity = 45
  let isHot = false
  device.report({ temperature, humidity, target: 22, mode: 'auto' })
  device.onSet(wanted => wanted)
  world.every(periodMs, () => {
    const goal = goalOf(device.state(), temperature)
    const towards = Math.max(-degreesPerPeriod, Math.min(degreesPerPeriod, goal - temperature))
    temperature = wander(temperature + towards, 0.1, [-40, 85], world)
    humidity = wander(humidity, 0.5, [20, 80], world)
    device.report({ temperature: rounded(temperature, 1), humidity: rounded(humidity, 0) })
    const wasHot = isHot
    isHot = temperature >= overheatedCelsius
    if (isHot && !wasHot) device.event('overheated', { temperature: rounded(temperature, 1) })
  })
}

/** Heating only warms, and cooling only cools; otherwise the weather decides. */
function goalOf({ mode, target }: { mode?: unknown; target?: unknown }, temperature: number): number {
  if (typeof target !== 'number') return outsideCelsius
  const works =
    mode === 'auto' || (mode === 'heat' && temperature <= target) || (mode === 'cool' && temperature >= target)
  return works ? target : outsideCelsius
}
