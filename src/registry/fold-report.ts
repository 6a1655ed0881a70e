import { type JsonObject, mergePatch } from '../domain/json.ts'
import { boundsProblem } from './bounded-json.ts'
import type { DeviceType } from './device-type.ts'

/**
 * The whole state after a report: RFC 7396, property by property. A property that the type does not know, or whose merged value it
 * refuses, stays as it was and is handed to `refused`. `state` is not changed.
 */
export function foldReport(
  type: DeviceType,
  state: JsonObject,
  patch: JsonObject,
  refused: (property: string, reason: string) => void,
): JsonObject {
  let folded = state
  for (const [property, value] of Object.entries(patch)) {
    // Bounds before the merge: merging recurses.
    const unfit = type.hasProperty(property) ? boundsProblem(value) : 'no such property'
    const next = unfit === undefined ? mergePatch(folded, { [property]: value }) : folded
    const reason = unfit ?? (value === null ? undefined : type.checkReported(property, next[property]))
    if (reason === undefined) folded = next
    else refused(property, reason)
  }
  return folded
}
