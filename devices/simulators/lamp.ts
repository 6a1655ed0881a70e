import { isJsonObject } from '../../src/protocol/json.ts'
import type { Simulation } from './simulation.ts'

const blinkMs = 400

/** Takes any value at once. Blinks as often as it is asked to, and ends as it was before. */
export const lamp: Simulation = (device, { every }) => {
  device.report({ on: false, brightness: 80, colorTemperature: 4000 })
  device.onSet(wanted => wanted)
  device.onInvoke('blink', input => {
    let left = 2 * (isJsonObject(input) && typeof input.times === 'number' ? input.times : 3)
    const stop = every(blinkMs, () => {
      device.report({ on: device.state().on !== true })
      if (--left <= 0) stop()
    })
  })
}
