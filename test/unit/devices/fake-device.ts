import type { Device } from '../../../devices/sdk/connect-device.ts'
import type { InvokeHandler, SetHandler } from '../../../devices/sdk/device-commands.ts'
import type { World } from '../../../devices/simulators/simulation.ts'
import { type JsonObject, type JsonValue, mergePatch } from '../../../src/protocol/json.ts'

/** A {@link Device} that is connected to nothing, in a world whose time is turned by hand. */
export interface FakeDevice extends Device, World {
  readonly events: [name: string, data: JsonValue][]
  set(wanted: JsonObject): Promise<void>
  invoke(action: string, input?: unknown): void
  /** Runs everything periodic this many times. */
  tick(times?: number): void
}

/** `random` is a world without chance: 0.5 makes nothing wander. */
export function createFakeDevice(random: () => number = () => 0.5): FakeDevice {
  const periodic = new Set<() => void>()
  const actions = new Map<string, InvokeHandler>()
  const events: [string, JsonValue][] = []
  let state: JsonObject = {}
  let onSet: SetHandler = () => ({})
  const report = (patch: JsonObject) => {
    state = mergePatch(state, patch)
  }
  return {
    id: 'fake',
    events,
    random,
    report,
    state: () => state,
    onSet(handler) {
      onSet = handler
    },
    onInvoke: (action, handler) => void actions.set(action, handler),
    event: (name, data = null) => void events.push([name, data]),
    offer: async () => ({ ok: false, code: 'offline' }),
    close: async () => {},
    every(_periodMs, run) {
      periodic.add(run)
      return () => void periodic.delete(run)
    },
    set: async wanted => report(await onSet(wanted)),
    invoke: (action, input) => void actions.get(action)?.(input),
    tick(times = 1) {
      for (let i = 0; i < times; i++) for (const run of [...periodic]) run()
    },
  }
}
