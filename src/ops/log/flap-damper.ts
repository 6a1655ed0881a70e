/** Keeps a device that connects and disconnects all the time from filling the log. */
export interface FlapDamper {
  /** Notes a change of a device's presence. False when its line should be left out. */
  note(deviceId: string, online: boolean): boolean
}

/** Lines that were left out of the log for one device. */
export interface LeftOut {
  readonly deviceId: string
  readonly count: number
  /** The state after all of them. */
  readonly online: boolean
}

const windowMs = 60_000
const linesPerWindow = 6

/**
 * Six changes of one device in a minute have a line each. Later ones are counted, and reported to `summarise` at the end of the minute.
 * Remembers a device for a minute.
 */
export function createFlapDamper(summarise: (leftOut: LeftOut) => void): FlapDamper {
  const recent = new Map<string, { changes: number; online: boolean }>()
  return {
    note(deviceId, online) {
      let device = recent.get(deviceId)
      if (!device) {
        const fresh = { changes: 0, online }
        device = fresh
        recent.set(deviceId, fresh)
        setTimeout(() => {
          recent.delete(deviceId)
          const count = fresh.changes - linesPerWindow
          if (count > 0) summarise({ deviceId, count, online: fresh.online })
        }, windowMs).unref()
      }
      device.changes++
      device.online = online
      return device.changes <= linesPerWindow
    },
  }
}
