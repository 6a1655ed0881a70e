import * as z from 'zod'

/** What the pages read of a JSON Schema. */
interface Schema {
  readonly type?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly pattern?: string | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly description?: string | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
}

const schemaSchema: z.ZodType<Schema> = z.object({
  // What may be null has two.
  type: z.union([z.string(), z.array(z.string()).transform(types => types.join(' or '))]).optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  description: z.string().optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return schemaSchema.optional()
  },
  get properties() {
    return z.record(z.string(), schemaSchema).optional()
  },
})

/** A property of an object, by its dotted key; objects within are walked into, lists are not. */
export interface Field {
  readonly key: string
  readonly optional: boolean
  readonly limits: string
  readonly description: string
}

const jsonSchemaOf = (schema: z.core.$ZodType): Schema => schemaSchema.parse(z.toJSONSchema(schema, { io: 'input' }))

/** Every field of an object's schema, with its limits in words. */
export const fieldsOf = (schema: z.core.$ZodType): Field[] => walk(jsonSchemaOf(schema), '')

/** The shape of a reply's data in one line: types of the first level, only names further down. */
export const shapeOf = (schema: z.core.$ZodType): string => shape(jsonSchemaOf(schema))

function walk({ properties = {}, required = [] }: Schema, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([name, schema]): Field[] => {
    const key = prefix + name
    if (schema.properties) return walk(schema, `${key}.`)
    return [
      { key, optional: !required.includes(name), limits: limitsOf(schema), description: schema.description ?? '' },
    ]
  })
}

function shape(schema: Schema): string {
  if (schema.type === 'array') return `list of ${schema.items ? shape(schema.items) : 'anything'}`
  if (schema.type !== 'object' || !schema.properties) return limitsOf(schema)
  const fields = Object.entries(schema.properties).map(([name, { type }]) => `${name}: ${type ?? 'any'}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function limitsOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(', ')
  if (schema.type === 'array') return `list of ${schema.items ? limitsOf(schema.items) : 'anything'}`
  const range = rangeOf(schema)
  const pattern = schema.pattern === undefined ? '' : `matching ${schema.pattern}`
  return [schema.type ?? 'anything', range, pattern].filter(Boolean).join(' ')
}

function rangeOf({ minimum, maximum, minLength, maxLength }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum}–${maximum}`
  if (minLength !== undefined && maxLength !== undefined) return `of ${minLength}–${maxLength} characters`
  return ''
}
