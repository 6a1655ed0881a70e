import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'

/** Counts reported values that were left out, and says so as 'state-value-refused': at most once a minute per device. */
export interface RefusedValues {
  /** `property` is empty when the whole report was refused. */
  note(deviceId: string, property: string, reason: string): void
  /** Announces what was noted of this device since the last announcement, unless that was less than a minute ago. */
  announce(deviceId: string): void
}

const quietMs = 60_000
const maxNameLength = 64

interface Tally {
  announcedAtMs: number
  count: number
  property: string
  reason: string
}

/** Remembers one small record per device that ever reported a refused value. */
export function createRefusedValues({ events, now }: { events: Events; now: Clock }): RefusedValues {
  const tallies = new Map<string, Tally>()
  return {
    note(deviceId, property, reason) {
      const tally = tallies.get(deviceId) ?? { announcedAtMs: -Infinity, count: 0, property, reason }
      if (tally.count === 0) {
        tally.property = property.slice(0, maxNameLength)
        tally.reason = reason
      }
      tally.count++
      tallies.set(deviceId, tally)
    },
    announce(deviceId) {
      const tally = tallies.get(deviceId)
      if (!tally || tally.count === 0 || now() - tally.announcedAtMs < quietMs) return
      const { property, reason, count } = tally
      tally.announcedAtMs = now()
      tally.count = 0
      events.emit('state-value-refused', { deviceId, property, reason, count })
    },
  }
}
