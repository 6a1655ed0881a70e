import { scanJson } from '../../domain/json.ts'
import type { JsonObject, JsonValue } from '../../protocol/json.ts'
import { maxValues, tooManyValues } from '../types/bounded-json.ts'

/** A device's whole state, with the text of each property, so that a report costs what it changes and not what there is. Never changed. */
export interface DeviceState {
  readonly values: JsonObject
  /** `"name":value` of each property, as JSON. */
  readonly texts: ReadonlyMap<string, string>
  /** Of {@link textOf}. */
  readonly bytes: number
  /** Members of objects and elements of arrays, at any depth. */
  readonly count: number
}

export const emptyState: DeviceState = { values: {}, texts: new Map(), bytes: 0, count: 0 }

/** What one message may hold by default (`limits.maxEventBytes`): a device can always report its whole state. */
export const maxStateBytes = 64 * 1024

/** JSON; empty for a state without properties. */
export const textOf = ({ texts }: DeviceState): string => (texts.size === 0 ? '' : `{${[...texts.values()].join(',')}}`)

/** How many values a property of the state is, itself among them; 0 when there is none. */
export const valuesOf = ({ texts }: DeviceState, property: string): number => sizeOf(texts.get(property)).count

/** Gathers what changes of a state, within its bounds. */
export interface StateChange {
  /** Sets a property, or takes it away. Why not, when the whole state would be too large. */
  set(property: string, value: JsonValue | undefined): string | undefined
  /** The state after all that was set; the one before when that was nothing. */
  result(): DeviceState
}

export function changeState(before: DeviceState, bounds = { bytes: maxStateBytes, values: maxValues }): StateChange {
  let texts: Map<string, string> | undefined
  let values: Map<string, JsonValue> | undefined
  let { bytes, count } = before

  return {
    set(property, value) {
      const old = (texts ?? before.texts).get(property)
      const text = value === undefined ? undefined : `${JSON.stringify(property)}:${JSON.stringify(value)}`
      if (text === old) return undefined
      const [was, is] = [sizeOf(old), sizeOf(text)]
      const [moreBytes, moreValues] = [is.bytes - was.bytes, is.count - was.count]
      // One that has grown too large before there was a limit may shrink.
      if (moreBytes > 0 && bytes + moreBytes > bounds.bytes)
        return `the whole state must not be larger than ${bounds.bytes} bytes`
      if (moreValues > 0 && count + moreValues > bounds.values) return `the whole state ${tooManyValues}`
      bytes += moreBytes
      count += moreValues
      texts ??= new Map(before.texts)
      values ??= new Map(Object.entries(before.values))
      if (value === undefined || text === undefined) {
        texts.delete(property)
        values.delete(property)
      } else {
        texts.set(property, text)
        values.set(property, value)
      }
      return undefined
    },
    result: () => (texts && values ? { values: Object.fromEntries(values), texts, bytes, count } : before),
  }
}

/** With its comma, or brace, and the property itself. */
function sizeOf(text: string | undefined): { bytes: number; count: number } {
  if (text === undefined) return { bytes: 0, count: 0 }
  const written = Buffer.from(text)
  return { bytes: written.length + 1, count: 1 + scanJson(written).values }
}
