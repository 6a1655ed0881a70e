import type { JsonObject, JsonValue } from '../protocol/json.ts'

/** A device's whole state, with the text of each property, so that a report costs what it changes and not what there is. Never changed. */
export interface DeviceState {
  readonly values: JsonObject
  /** `"name":value` of each property, as JSON. */
  readonly texts: ReadonlyMap<string, string>
  /** Of {@link textOf}. */
  readonly bytes: number
}

export const emptyState: DeviceState = { values: {}, texts: new Map(), bytes: 0 }

/** What one message may hold by default (`limits.maxEventBytes`): a device can always report its whole state. */
export const maxStateBytes = 64 * 1024

/** JSON; empty for a state without properties. */
export const textOf = ({ texts }: DeviceState): string => (texts.size === 0 ? '' : `{${[...texts.values()].join(',')}}`)

/** Gathers what changes of a state. */
export interface StateChange {
  /** Sets a property, or takes it away. Why not, when the whole state would be too large. */
  set(property: string, value: JsonValue | undefined): string | undefined
  /** The state after all that was set; the one before when that was nothing. */
  result(): DeviceState
}

export function changeState(before: DeviceState): StateChange {
  let texts: Map<string, string> | undefined
  let values: Map<string, JsonValue> | undefined
  let { bytes } = before

  return {
    set(property, value) {
      const old = (texts ?? before.texts).get(property)
      const text = value === undefined ? undefined : `${JSON.stringify(property)}:${JSON.stringify(value)}`
      if (text === old) return undefined
      const grown = sizeOf(text) - sizeOf(old)
      // One that has grown too large before there was a limit may shrink.
      if (grown > 0 && bytes + grown > maxStateBytes)
        return `the whole state must not be larger than ${maxStateBytes} bytes`
      bytes += grown
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
    result: () => (texts && values ? { values: Object.fromEntries(values), texts, bytes } : before),
  }
}

/** With its comma, or brace. */
const sizeOf = (text: string | undefined): number => (text === undefined ? 0 : Buffer.byteLength(text) + 1)
