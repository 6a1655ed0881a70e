/** A JSON value as `JSON.parse` makes it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

/** True for an object that is neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `Object.hasOwn` (ES2022), which older phones lack. */
export const hasOwn = (object: object, key: string): boolean =>
  Reflect.getOwnPropertyDescriptor(object, key) !== undefined

/** RFC 7396: `patch` applied to `target`, neither of them changed. A key named `__proto__` is only a key. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...target }
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else {
      const before = isJsonObject(value) && hasOwn(merged, key) ? merged[key] : undefined
      setOwn(merged, key, isJsonObject(value) ? mergePatch(isJsonObject(before) ? before : {}, value) : value)
    }
  }
  return merged
}

/** Assigning to `__proto__` would change what an object inherits. */
function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** True when two JSON values are equal, whatever the order of their keys; undefined equals only itself. */
export function isSameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => isSameJson(value, b[index]))
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => hasOwn(b, key) && isSameJson(a[key], b[key]))
}

/** How deep a property of a device, or an action's input, may nest. */
export const maxJsonDepth = 32

/** True when `value` nests at most `levels` deep. Whatever walks a stranger's value recursively must come after this. */
export function isShallow(value: unknown, levels = maxJsonDepth): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels <= 0) return false
  for (const inner of Object.values(value)) if (typeof inner === 'object' && !isShallow(inner, levels - 1)) return false
  return true
}
