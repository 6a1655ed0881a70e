import { isSameJson, type JsonObject, mergePatch } from '../protocol/json.ts'
import { boundsProblem } from './bounded-json.ts'
import type { DeviceType } from './device-type.ts'

/**
 * The whole state after a report: RFC 7396, property by property. A property that the type does not know, or whose merged value it
 * refuses, stays as it was and is handed to `refused`, with whether the type declares it. `state` is not changed; where the report changes nothing it is what is answered.
 */
export function foldReport(
  type: DeviceType,
  state: JsonObject,
  patch: JsonObject,
  refused: (property: string, reason: string, isDeclared: boolean) => void,
): JsonObject {
  const before = new Map(Object.entries(state))
  let changed: Map<string, JsonObject[string]> | undefined
  for (const [property, value] of Object.entries(patch)) {
    if (!type.hasProperty(property)) {
      refused(property, 'no such property', false)
      continue
    }
    const unbounded = boundsProblem(value) // before the merge, which recurses
    if (unbounded !== undefined) {
      refused(property, unbounded, true)
      continue
    }
    const { [property]: next } = mergePatch(pick(before, property), { [property]: value })
    const unfit = next === undefined ? undefined : type.checkReported(property, next)
    if (unfit !== undefined) refused(property, unfit, true)
    else if (!isSameJson(before.get(property), next)) {
      changed ??= new Map(before)
      if (next === undefined) changed.delete(property)
      else changed.set(property, next)
    }
  }
  return changed ? Object.fromEntries(changed) : state
}

const pick = (state: ReadonlyMap<string, JsonObject[string]>, property: string): JsonObject => {
  const value = state.get(property)
  return value === undefined ? {} : Object.fromEntries([[property, value]])
}
