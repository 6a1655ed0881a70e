import type { JsonValue } from '../../protocol/json.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'

const recordedTypes: ReadonlySet<string | undefined> = new Set(['number', 'integer', 'boolean'])

/** True for a property whose values are recorded: the model says number, integer or boolean. */
export const isRecorded = ({ properties }: ThingModel, property: string): boolean =>
  Object.hasOwn(properties, property) && recordedTypes.has(properties[property]?.type)

/** Bounds values so that their sum is always finite. */
const largest = Number.MAX_VALUE / 2 ** 53

/** The recorded form of a value: false is 0, true is 1; undefined for anything that is not a number, or is too large to average. */
export function recordedValue(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'number' && Math.abs(value) <= largest ? value : undefined
}
