import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'

/** Tells operators and devices of what devices report and their types refuse. */
export interface RefusedValues {
  /** A whole report (`property` is empty) or an unknown property: announced as 'state-value-refused' when it is new of this device. */
  note(deviceId: string, property: string, reason: string): void
  /**
   * Values of declared properties, with the reason of each: announced in the same way. Gives those that the device is to be told of now: each
   * property once a minute, and no more than sixteen of one report.
   */
  noteValues(deviceId: string, refused: ReadonlyMap<string, string>): readonly RefusedValue[]
}

export interface RefusedValue {
  readonly property: string
  readonly reason: string
}

const quietMs = 60_000
const maxNameLength = 64
/** Devices choose the names of unknown properties. */
const maxUnknownKinds = 16
const maxValuesAtOnce = 16

/** Remembers, of each device that ever reported something refused, its properties and when it was told of each. */
export function createRefusedValues({ events, now }: { events: Events; now: Clock }): RefusedValues {
  const known = new Map<string, { readonly unknown: Set<string>; readonly toldAtMs: Map<string, number> }>()

  function ofDevice(deviceId: string) {
    const found = known.get(deviceId) ?? { unknown: new Set(), toldAtMs: new Map() }
    known.set(deviceId, found)
    return found
  }

  const announce = (deviceId: string, property: string, reason: string) =>
    void events.emit('state-value-refused', { deviceId, property: property.slice(0, maxNameLength), reason })

  return {
    note(deviceId, property, reason) {
      const { unknown } = ofDevice(deviceId)
      const kind = property.slice(0, maxNameLength)
      if (unknown.size >= maxUnknownKinds || unknown.has(kind)) return
      unknown.add(kind)
      announce(deviceId, property, reason)
    },
    noteValues(deviceId, refused) {
      const told: RefusedValue[] = []
      if (refused.size === 0) return told
      const { toldAtMs } = ofDevice(deviceId)
      for (const [property, reason] of refused) {
        if (told.length >= maxValuesAtOnce) break
        const before = toldAtMs.get(property)
        if (before !== undefined && now() - before < quietMs) continue
        toldAtMs.set(property, now())
        told.push({ property, reason })
        if (before === undefined) announce(deviceId, property, reason)
      }
      return told
    },
  }
}
