import { scanJson } from '../../domain/json.ts'
import { isShallow, maxJsonDepth } from '../../protocol/json.ts'

const maxBytes = 64 * 1024

/**
 * Bound of the members of objects and elements of arrays, at any depth, in a report, a command, a property or a whole state. The work for each
 * costs much more than its bytes, and an object of more than a thousand keys costs several times as much a key.
 */
export const maxValues = 1000
/** The sentence for too many values. */
export const tooManyValues = `must not hold more than ${maxValues} values`

/**
 * Why `value` is too large for a property or an action's input: nested deeper than 32 levels, or a structure of more than 64 KiB of JSON or 1000
 * values. Undefined when it is not. Anything that walks a value recursively (ajv, JSON.stringify, a merge) must come after this.
 */
export function boundsProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const tooDeep = depthProblem(value)
  if (tooDeep !== undefined) return tooDeep
  const text = Buffer.from(JSON.stringify(value))
  if (text.length > maxBytes) return `must not be larger than ${maxBytes} bytes`
  return scanJson(text).values > maxValues ? tooManyValues : undefined
}

/** Why `value` must not be walked recursively; undefined when it may. */
export const depthProblem = (value: unknown): string | undefined =>
  isShallow(value) ? undefined : `must not nest deeper than ${maxJsonDepth} levels`
