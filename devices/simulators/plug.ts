import type { Simulation } from './simulation.ts'
import { rounded, wander } from './simulation.ts'

const periodMs = 2000
const periodsPerHour = 3_600_000 / periodMs

/** Something of about 60 W is plugged in; energy adds up while it is on. */
export const plug: Simulation = (device, world) => {
  let energy = 0
  let load = 60
  device.report({ on: true, power: load, energy })
  device.onSet(({ on }) => ({ on: on === true, power: on === true ? rounded(load, 1) : 0 }))
  device.onInvoke('resetEnergy', () => {
    energy = 0
    device.report({ energy })
  })
  world.every(periodMs, () => {
    if (device.state().on !== true) return
    load = wander(load, 2, [40, 80], world)
    energy += load / 1000 / periodsPerHour
    device.report({ power: rounded(load, 1), energy: rounded(energy, 4) })
  })
}
