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

/** Counts what the text of a JSON object holds, whether or not it is well formed. */
export interface JsonScan {
  /** Members of objects and elements of arrays, at any depth; a repeated key counts each time. */
  readonly values: number
  /** Only members of objects. */
  readonly keys: number
}

const [quote, backslash, colon, comma, space] = [0x22, 0x5c, 0x3a, 0x2c, 0x20] // in UTF-8 these bytes are part of no other character
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Looks at each byte once, which costs a small part of what parsing does. */
export function scanJson(bytes: Uint8Array): JsonScan {
  let values = 0
  let keys = 0
  let isEmpty = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? space
    if (byte <= space) continue
    if (byte === openBrace || byte === openBracket) {
      values++
      isEmpty = true
      continue
    }
    if (byte === quote) i = endOfString(bytes, i)
    else if (byte === comma) values++
    else if (byte === colon) keys++
    else if (byte === closeBrace || byte === closeBracket) {
      if (isEmpty) values--
    }
    isEmpty = false
  }
  return { values, keys }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1
  for (; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++
  return i
}

/** True when the text begins like an object. */
export const looksLikeObject = (bytes: Uint8Array): boolean => bytes.find(byte => byte > space) === openBrace

/**
 * True when some object in `value`, parsed from a text with this many `keys`, had the same key twice in that text, however it was spelled. Parsers read
 * such a text differently: here the last one counts, elsewhere the first. The value has fewer keys than its text only if some of them were the same.
 */
export const hasRepeatedKey = ({ keys }: JsonScan, value: JsonObject): boolean => hasFewerKeys(value, keys)

/** Whether all objects in `value`, at any depth, have fewer than `count` keys together. Stops counting there. */
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
