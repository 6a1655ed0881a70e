import type { JsonValue } from '../../protocol/json.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'

const recordedTypes: ReadonlySet<string | undefined> = new Set(['number', 'integer', 'boolean'])

/** True for a property whose values are recorded: the model calls it a number, an integer or a boolean. */
export const isRecorded = ({ properties }: ThingModel, property: string): boolean =>
  Object.hasOwn(properties, property) && recordedTypes.has(properties[property]?.type)

/** So that as many values as there can be have a finite sum. */
const largest = Number.MAX_VALUE / 2 ** 53

/** A value as it is recorded: false is 0, true is 1; undefined for what is no number, or one too large to be averaged. */
export function recordedValue(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'number' && Math.abs(value) <= largest ? value : undefined
}
