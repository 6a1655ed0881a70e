import * as z from 'zod/mini'

/** Text in several languages, keyed by BCP 47 tag (WoT Thing Description 1.1, MultiLanguage). */
const textsSchema = z.optional(z.record(z.string(), z.string()))
/** The name of a property, an action or an event. */
export const affordanceNameSchema = z
  .string()
  .check(z.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a letter, then letters, digits, _ or -'))

/** A JSON Schema as WoT uses it in affordances; only what controls are drawn from is typed, the rest is kept. */
const dataSchema = z.looseObject({
  type: z.optional(z.enum(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'])),
  title: z.optional(z.string()),
  titles: textsSchema,
  unit: z.optional(z.string()),
  enum: z.optional(z.array(z.unknown())),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  multipleOf: z.optional(z.number()),
  maxLength: z.optional(z.number()),
})

const propertySchema = z.extend(dataSchema, { readOnly: z.optional(z.boolean()), default: z.optional(z.unknown()) })
const actionSchema = z.looseObject({
  title: z.optional(z.string()),
  titles: textsSchema,
  input: z.optional(dataSchema),
  /** False where doing it twice is not as good as doing it once, or it cannot be undone: apps ask first. */
  idempotent: z.optional(z.boolean()),
})
const eventSchema = z.looseObject({ title: z.optional(z.string()), titles: textsSchema, data: z.optional(dataSchema) })

/** A device type: a W3C WoT Thing Model (Thing Description 1.1, section 10), limited to what Latchkey reads. */
export const thingModelSchema = z.looseObject({
  '@context': z.union([z.string(), z.array(z.unknown())]),
  '@type': z.literal('tm:ThingModel'),
  id: z.optional(z.string()),
  title: z.string(),
  titles: textsSchema,
  description: z.optional(z.string()),
  properties: z.record(affordanceNameSchema, propertySchema),
  actions: z.optional(z.record(affordanceNameSchema, actionSchema)),
  events: z.optional(z.record(affordanceNameSchema, eventSchema)),
})
export type ThingModel = z.infer<typeof thingModelSchema>
