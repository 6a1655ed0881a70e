import { type JsonObject, type JsonValue, mergePatch } from '../../protocol/json.ts'
import { depthProblem } from '../types/bounded-json.ts'
import type { DeviceType } from '../types/device-type.ts'
import { changeState, type DeviceState, emptyState } from './device-state.ts'

/**
 * The whole state after a report: RFC 7396, property by property. A property that the type does not know, or whose merged value it
 * refuses, stays as it was and is handed to `refused`, with whether the type declares it. Where the report changes nothing the answer is
 * `state` itself.
 */
export function foldReport(
  type: DeviceType,
  state: DeviceState,
  patch: JsonObject,
  refused: (property: string, reason: string, isDeclared: boolean) => void,
): DeviceState {
  const change = changeState(state)
  for (const property of Object.keys(patch)) {
    if (!type.hasProperty(property)) {
      refused(property, 'no such property', false)
      continue
    }
    const value = patch[property] ?? null
    const problem = depthProblem(value) // before the merge, which recurses
    const merged = problem === undefined ? mergedValue(state.values, property, value) : undefined
    const reason = problem ?? (merged === undefined ? undefined : type.checkReported(property, merged))
    const unfit = reason ?? change.set(property, merged)
    if (unfit !== undefined) refused(property, unfit, true)
  }
  return change.result()
}

/** The state that was kept as `kept`, however large it grew before there were bounds, but for what the type does not allow any more. */
export function restoredState(type: DeviceType, kept: JsonObject): DeviceState {
  const change = changeState(emptyState, { bytes: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY })
  for (const [property, value] of Object.entries(kept)) {
    if (type.checkReported(property, value) === undefined) change.set(property, value)
  }
  return change.result()
}

/** Undefined when the report takes the property away. */
function mergedValue(values: JsonObject, property: string, value: JsonValue): JsonValue | undefined {
  if (typeof value !== 'object') return value
  const before = Object.hasOwn(values, property) ? values[property] : undefined
  const own: JsonObject = before === undefined ? {} : Object.fromEntries([[property, before]])
  const merged = mergePatch(own, Object.fromEntries([[property, value]]))
  return Object.hasOwn(merged, property) ? merged[property] : undefined
}
