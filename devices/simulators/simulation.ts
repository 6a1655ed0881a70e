import type { Device } from '../sdk/connect-device.ts'

/** The world as a simulated device knows it. */
export interface World {
  /** Calls `run` repeatedly; the returned function stops that. */
  every(periodMs: number, run: () => void): () => void
  /** From 0 to 1, as Math.random. */
  random(): number
}

/** Gives a device its first state and makes it live. */
export type Simulation = (device: Device, world: World) => void

/** `value` moved by at most `step` either way, and kept from `minimum` to `maximum`. */
export const wander = (value: number, step: number, [minimum, maximum]: readonly [number, number], world: World) =>
  Math.min(maximum, Math.max(minimum, value + (world.random() * 2 - 1) * step))

/** `value` with that many decimals. */
export const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))
