import { connectDevice, type Device, type DeviceOptions } from '../sdk/connect-device.ts'
import { lamp } from './lamp.ts'
import { plug } from './plug.ts'
import { sensor } from './sensor.ts'
import type { Simulation, World } from './simulation.ts'
import { thermostat } from './thermostat.ts'

const simulations: ReadonlyMap<string, Simulation> = new Map(Object.entries({ lamp, plug, sensor, thermostat }))

/** The device types that can be simulated. */
export const simulatedTypes = (): string[] => [...simulations.keys()]

/** A simulated device that is running. */
export interface Simulator {
  readonly id: string
  /** Holds its button: see `offer` of the SDK. */
  hold(): ReturnType<Device['offer']>
  stop(): Promise<void>
}

interface SimulatorOptions extends DeviceOptions {
  /** One of {@link simulatedTypes}. */
  readonly type: string
  readonly every?: World['every']
}

/** Starts a simulated device on a broker. Throws when its type is not simulated. */
export function startSimulator({ type, every = systemEvery, ...options }: SimulatorOptions): Simulator {
  const simulation = simulations.get(type)
  if (!simulation) throw new Error(`no simulator of type ${type}: there are ${simulatedTypes().join(', ')}`)
  const device = connectDevice(options)
  const running = new Set<() => void>()
  const tracked: World['every'] = (periodMs, run) => {
    const cancel = every(periodMs, run)
    const stop = () => {
      cancel()
      running.delete(stop)
    }
    running.add(stop)
    return stop
  }
  simulation(device, { every: tracked, random: options.random ?? Math.random })
  return {
    id: device.id,
    hold: device.offer,
    async stop() {
      for (const stop of running) stop()
      await device.close()
    },
  }
}

/** Unreferenced, so that a simulator alone does not keep a process alive. */
const systemEvery: World['every'] = (periodMs, run) => {
  const timer = setInterval(run, periodMs).unref()
  return () => clearInterval(timer)
}
