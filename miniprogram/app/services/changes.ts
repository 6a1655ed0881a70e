import { isSameJson, type JsonValue } from '../../../src/protocol/json.ts'

/**
 * What `setData` must be given so that a page that shows `shown` shows `wanted`: only the keys that differ, and of a list of the same length only
 * the entries that differ (`cards[3]`). Keys that `wanted` does not name are left alone.
 */
export function changes(
  shown: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(wanted)) {
    const before = shown[key]
    if (Array.isArray(value) && Array.isArray(before) && value.length === before.length) {
      value.forEach((entry, index) => {
        if (!isSame(before[index], entry)) found[`${key}[${index}]`] = entry
      })
    } else if (!isSame(before, value)) found[key] = value
  }
  return found
}

/** What `setData` must be given to set `path` of one entry of the list `key`; nothing when the entry is gone. */
export function entryChange<T>(
  key: string,
  list: readonly T[],
  isMeant: (entry: T) => boolean,
  path: string,
  value: unknown,
): Record<string, unknown> {
  const index = list.findIndex(isMeant)
  return index < 0 ? {} : { [`${key}[${index}].${path}`]: value }
}

/** `setData` takes JSON, with undefined for missing values. */
const isSame = (a: unknown, b: unknown) => isSameJson(a as JsonValue | undefined, b as JsonValue | undefined)
