import { isShallow, maxJsonDepth } from '../protocol/json.ts'

const maxBytes = 64 * 1024

/**
 * Why `value` is more than a property or an action's input may be: nested deeper than 32 levels, or a structure of more than 64 KiB of
 * JSON. Undefined when it is not. Whatever walks a value recursively (ajv, JSON.stringify, a merge) must come after this.
 */
export function boundsProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!isShallow(value)) return `must not nest deeper than ${maxJsonDepth} levels`
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes ? `must not be larger than ${maxBytes} bytes` : undefined
}
