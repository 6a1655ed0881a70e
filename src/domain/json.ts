import { isJsonObject, type JsonObject } from '../protocol/json.ts'

export { isJsonObject, type JsonObject, mergePatch } from '../protocol/json.ts'

/** Parses `bytes` as UTF-8 JSON that is an object; undefined for anything else. Never throws. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * True when some object in `bytes`, the JSON text that `value` was parsed from, has the same key twice, however it is written. Such a text
 * is not the same to everybody: here the last one counts, elsewhere the first. A value has as many keys as its text has colons between
 * strings, unless some of them were the same.
 */
export const hasRepeatedKey = (bytes: Uint8Array, value: JsonObject): boolean => hasFewerKeys(value, countColons(bytes))

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a] // in UTF-8 these bytes are a part of no other character

function countColons(bytes: Uint8Array): number {
  let count = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === quote) inString = !inString
    else if (inString && byte === backslash) i++
    else if (!inString && byte === colon) count++
  }
  return count
}

/** Whether all objects in `value`, however deep, have fewer keys than `count`. Looks no further than that. */
function hasFewerKeys(value: JsonObject, count: number): boolean {
  let missing = count
  const left: object[] = [value]
  for (let next = left.pop(); next !== undefined && missing > 0; next = left.pop()) {
    const inner: unknown[] = Array.isArray(next) ? next : Object.values(next)
    if (!Array.isArray(next)) missing -= inner.length
    for (const each of inner) if (typeof each === 'object' && each !== null) left.push(each)
  }
  return missing > 0
}
