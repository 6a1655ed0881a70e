import { scanJson } from '../../domain/json.ts'
import { isShallow, maxJsonDepth } from '../../protocol/json.ts'

const maxBytes = 64 * 1024

/**
 * Members of objects and elements of arrays, at any depth, that a report, a command, a property or a whole state may hold: what is done with each
 * costs much more than its bytes do, and beyond a thousand keys an object costs several times as much a key.
 */
export const maxValues = 1000
/** Why there are too many. */
export const tooManyValues = `must not hold more than ${maxValues} values`

/**
 * Why `value` is more than a property or an action's input may be: nested deeper than 32 levels, or a structure of more than 64 KiB of JSON or 1000
 * values. Undefined when it is not. Whatever walks a value recursively (ajv, JSON.stringify, a merge) must come after this.
 */
export function boundsProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const tooDeep = depthProblem(value)
  if (tooDeep !== undefined) return tooDeep
  const text = Buffer.from(JSON.stringify(value))
  if (text.length > maxBytes) return `must not be larger than ${maxBytes} bytes`
  return scanJson(text).values > maxValues ? tooManyValues : undefined
}

/** Why `value` must not be walked recursively; undefined when it may be. */
export const depthProblem = (value: unknown): string | undefined =>
  isShallow(value) ? undefined : `must not nest deeper than ${maxJsonDepth} levels`
