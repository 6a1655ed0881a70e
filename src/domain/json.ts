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
