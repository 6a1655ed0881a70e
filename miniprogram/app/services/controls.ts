import type { Locale } from '../../../src/protocol/codes.ts'
import { hasOwn, isJsonObject, type JsonObject, type JsonValue } from '../../../src/protocol/json.ts'
import type { ThingModel } from '../../../src/protocol/thing-model.ts'
import { textsIn } from '../texts/texts-in.ts'

type Property = ThingModel['properties'][string]
type Action = NonNullable<ThingModel['actions']>[string]

/** What a property, or a field of an action's input, is drawn as. */
export type ControlKind = 'switch' | 'slider' | 'select' | 'number' | 'text' | 'read-only'

/** One control, ready for `setData`. */
export interface Control {
  readonly name: string
  readonly kind: ControlKind
  readonly label: string
  readonly unit: string
  /** False where no value is known. */
  readonly hasValue: boolean
  readonly value: JsonValue
  /** The value with its unit, for a person; empty when none is known. */
  readonly shown: string
  /** How much of the way from `min` to `max` the value is, in percent; 0 where there is none. */
  readonly filled: number
  /** Its scale is drawn from warm to cold: a colour temperature, in kelvin. */
  readonly isKelvin: boolean
  readonly min: number
  readonly max: number
  readonly step: number
  readonly maxLength: number
  readonly options: readonly { readonly value: JsonValue; readonly label: string }[]
  /** The index of `value` among `options`; -1 for none. */
  readonly selected: number
  /** True when it was asked for and not answered yet. */
  readonly pending: boolean
}

/** An action with the fields it asks for. */
export interface ActionControl {
  readonly name: string
  readonly label: string
  /** True when it cannot be undone, or doing it twice does harm: the person is asked first. */
  readonly asksFirst: boolean
  readonly fields: readonly Control[]
}

interface Titled {
  readonly title?: string | undefined
  readonly titles?: Record<string, string> | undefined
}

/** The title in `locale`, else in English, else `title`, else `name`. */
export const titleOf = ({ title, titles }: Titled, name: string, locale: Locale): string =>
  titles?.[locale] ?? titles?.en ?? title ?? name

/** Every property of a model, in its order. */
export const propertyControls = (
  model: ThingModel,
  state: JsonObject,
  pending: readonly string[],
  locale: Locale,
): Control[] =>
  Object.entries(model.properties).map(([name, property]) =>
    control(name, property, hasOwn(state, name) ? state[name] : undefined, pending.includes(name), locale),
  )

/** Every action of a model, its fields as `typed` or at their defaults. An input that is no object is one field, `input`. */
export const actionControls = (
  model: ThingModel,
  locale: Locale,
  typed: (action: string, field: string) => JsonValue | undefined = () => undefined,
): ActionControl[] =>
  Object.entries(model.actions ?? {}).map(([name, action]) => ({
    name,
    label: titleOf(action, name, locale),
    asksFirst: action.idempotent === false,
    fields: fieldsOf(action).map(([field, schema]) =>
      control(field, schema, typed(name, field) ?? startOf(schema), false, locale),
    ),
  }))

/** The input that an action is called with: its fields in an object, or the value of the only one. Undefined when it takes none. */
export function actionInput(action: Action | undefined, fields: readonly Control[]): JsonValue | undefined {
  if (!action?.input) return undefined
  const values = fromEntries(fields.filter(({ hasValue }) => hasValue).map(({ name, value }) => [name, value]))
  return isObjectInput(action.input) ? values : values.input
}

const fromEntries = (entries: readonly (readonly [string, JsonValue])[]): JsonObject => Object.fromEntries(entries)
const isObjectInput = ({ type }: Property) => type === 'object' || type === undefined

function fieldsOf({ input }: Action): [string, Property][] {
  if (!input) return []
  const properties: unknown = input.properties
  if (!isJsonObject(properties)) return isObjectInput(input) ? [] : [['input', input]]
  return Object.entries(properties).filter((entry): entry is [string, Property & JsonObject] => isJsonObject(entry[1]))
}

const startOf = (schema: Property): JsonValue | undefined => {
  if (schema.default !== undefined) return asJson(schema.default)
  if (schema.type === 'boolean') return false
  if (schema.type === 'number' || schema.type === 'integer') return schema.minimum ?? 0
  return undefined
}

/** Thing models arrive as JSON. */
const asJson = (value: unknown) => value as JsonValue

/** With more positions than a thumb can find a number is typed instead, as when it has no bounds. */
const maxPositions = 1000

function control(
  name: string,
  schema: Property,
  value: JsonValue | undefined,
  pending: boolean,
  locale: Locale,
): Control {
  const options = optionsOf(schema, locale)
  const step = schema.multipleOf ?? (schema.type === 'integer' ? 1 : 0.1)
  const { minimum: min = -Number.MAX_VALUE, maximum: max = Number.MAX_VALUE, unit = '' } = schema
  const selected = options.findIndex(option => option.value === value)
  const option = options[selected]
  return {
    name,
    kind: kindOf(schema, options.length, step),
    label: titleOf(schema, name, locale),
    unit,
    hasValue: value !== undefined && value !== null,
    value: value ?? null,
    shown: option ? option.label : valueText(value, unit, locale),
    filled: filledOf(value, min, max),
    isKelvin: unit === 'K',
    min,
    max,
    step,
    maxLength: schema.maxLength ?? 140,
    options,
    selected,
    pending,
  }
}

/** How much of the way from `min` to `max` a value is, in percent. */
export function filledOf(value: JsonValue | undefined, min: number, max: number): number {
  if (typeof value !== 'number' || !(max > min)) return 0
  return Math.round(Math.min(1, Math.max(0, (value - min) / (max - min))) * 1000) / 10
}

function kindOf(schema: Property, options: number, step: number): ControlKind {
  if (schema.readOnly) return 'read-only'
  if (schema.type === 'boolean') return 'switch'
  if (options > 0) return 'select'
  if (schema.type === 'string') return 'text'
  if (schema.type !== 'number' && schema.type !== 'integer') return 'read-only'
  const { minimum, maximum } = schema
  if (minimum === undefined || maximum === undefined) return 'number'
  const positions = (maximum - minimum) / step
  return positions >= 1 && positions <= maxPositions ? 'slider' : 'number'
}

/** The values to choose from: `oneOf` with `const` and titles (the WoT way to name them), else `enum`. */
function optionsOf(schema: Property, locale: Locale): { value: JsonValue; label: string }[] {
  const oneOf: unknown = schema.oneOf
  if (
    Array.isArray(oneOf) &&
    oneOf.every((entry): entry is JsonObject => isJsonObject(entry) && hasOwn(entry, 'const'))
  )
    return oneOf.map(entry => ({
      value: entry.const ?? null,
      label: titleOf(entry as Titled, String(entry.const), locale),
    }))
  return (schema.enum ?? []).map(value => ({ value: asJson(value), label: String(value) }))
}

/** A value for a person: numbers with at most two decimals and their unit, booleans as on and off. Empty when there is none. */
export function valueText(value: JsonValue | undefined, unit: string, locale: Locale): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'boolean') return textsIn(locale).common[value ? 'on' : 'off']
  if (typeof value === 'number') return `${Number(value.toFixed(2))}${unit && ` ${unit}`}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
