import type { DeviceControl } from '../../../src/protocol/device-control.ts'
import type { DeviceView } from '../../../src/protocol/operations/device.ts'
import { topics } from '../../../src/protocol/topics.ts'
import type { Device } from './devices.ts'
import { parsePresence } from './heard-since.ts'

/** The devices as the broker listed them, with what has come about them since. */
export interface DeviceShelf {
  readonly list: readonly Device[] | undefined
  get(deviceId: string): Device | undefined
  /** The whole list: it replaces the old one, and ends what is pending for devices that are not on it. */
  put(views: readonly DeviceView[]): void
  /** Takes the payload of a presence message; ignores anything else. */
  heardPresence(deviceId: string, payload: string): void
  /** A device's state, or what is pending for it, has changed. */
  touch(deviceId: string): void
  /** Forgets everything: nobody is signed in. */
  clear(): void
}

type Facts = Omit<DeviceView, 'state'>

/** `control` has the states. A device is the same object until something of it changes, so that pages can compare. */
export function createDeviceShelf(
  control: Pick<DeviceControl, 'state' | 'pending' | 'received' | 'forget'>,
  changed: () => void,
): DeviceShelf {
  let facts: Map<string, Facts> | undefined
  const drawn = new Map<string, Device>()
  /** Ids of the devices in `drawn` that may look different now. */
  const touched = new Set<string>()
  let list: readonly Device[] | undefined

  function touch(deviceId: string): void {
    touched.add(deviceId)
    list = undefined
    changed()
  }

  function get(deviceId: string): Device | undefined {
    const known = facts?.get(deviceId)
    if (!known) return undefined
    const before = drawn.get(deviceId)
    if (before && !touched.delete(deviceId)) return before
    const device = { ...known, state: control.state(deviceId), pending: control.pending(deviceId) }
    if (before && JSON.stringify(before) === JSON.stringify(device)) return before
    drawn.set(deviceId, device)
    return device
  }

  return {
    get list() {
      if (facts) list ??= [...facts.keys()].flatMap(id => get(id) ?? [])
      return list
    },
    get,
    put(views) {
      const before = facts
      facts = new Map(views.map(({ state: _, ...rest }) => [rest.id, rest]))
      for (const id of before?.keys() ?? []) {
        if (facts.has(id)) continue
        drawn.delete(id)
        control.forget(id, 'not yours any more')
      }
      for (const { id, state } of views) {
        control.received(topics.state(id), JSON.stringify(state), true)
        touch(id)
      }
      list = undefined
      changed()
    },
    heardPresence(deviceId, payload) {
      const known = facts?.get(deviceId)
      const presence = parsePresence(payload)
      if (!known || !presence) return
      facts?.set(deviceId, { ...known, ...presence })
      touch(deviceId)
    },
    touch,
    clear() {
      const before = facts
      facts = undefined
      list = undefined
      drawn.clear()
      for (const id of before?.keys() ?? []) control.forget(id, 'signed out')
      changed()
    },
  }
}
