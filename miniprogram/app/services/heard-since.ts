import { isJsonObject, isShallow, type JsonObject, mergePatch } from '../../../src/protocol/json.ts'
import type { DeviceView } from '../../../src/protocol/operations/device.ts'
import { parseTopic } from '../../../src/protocol/topics.ts'

/** The messages that come while the broker is asked for the list: they are newer than its answer. */
export interface HeardSince {
  /** Takes every message of the session. Retained ones do not count: they may be older than the answer. */
  received(topic: string, payload: string, retained: boolean): void
  /** A device as in the broker's answer, overlaid with the messages since; its state property by property. */
  over(view: DeviceView): DeviceView
}

/** Begins with nothing heard: to be made when the question is sent. */
export function createHeardSince(): HeardSince {
  const reports = new Map<string, JsonObject[]>()
  const presences = new Map<string, Presence>()

  return {
    received(topic, payload, retained) {
      const parsed = retained ? undefined : parseTopic(topic)
      if (parsed?.kind === 'state') {
        const report = parseObject(payload)
        if (report) reports.set(parsed.deviceId, [...(reports.get(parsed.deviceId) ?? []), report])
      } else if (parsed?.kind === 'presence') {
        const presence = parsePresence(payload)
        if (presence) presences.set(parsed.deviceId, presence)
      }
    },
    over(view) {
      const { id, state } = view
      const patches = reports.get(id) ?? []
      const newer = isJsonObject(state) ? patches.reduce<JsonObject>(mergePatch, state) : state
      return { ...view, ...presences.get(id), state: newer }
    },
  }
}

export type Presence = Pick<DeviceView, 'online' | 'since'>

/** The payload of a presence message; undefined when it is none. */
export function parsePresence(payload: string): Presence | undefined {
  const { online, since } = parseObject(payload) ?? {}
  return typeof online === 'boolean' && typeof since === 'number' ? { online, since } : undefined
}

function parseObject(payload: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return isJsonObject(value) && isShallow(value) ? value : undefined
  } catch {
    return undefined
  }
}
