import { Ajv, type FuncKeywordDefinition, str, type ValidateFunction } from 'ajv'
import { isMultipleOf } from './is-multiple-of.ts'

/** A problem in a thing model: a JSON pointer into it, and a sentence. */
export interface ModelProblem {
  readonly path: string
  readonly reason: string
}

/** Compiles the JSON Schemas (draft-07) of thing models. */
export interface SchemaCompiler {
  /** The validator of `schema`, which is at `path`; undefined for an invalid schema, whose faults are then in `problems`. */
  compile(schema: object, path: string, problems: ModelProblem[]): ValidateFunction | undefined
}

/** Keywords that WoT adds to JSON Schema (unit, titles, observable, …) are allowed; formats are notes, not rules. */
const options = { strict: false, validateFormats: false, logger: false, addUsedSchema: false } as const

/** Replaces ajv's own check, which divides and so refuses 98 of the 301 tenths from 5 to 35. */
const multipleOf: FuncKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  errors: false,
  error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
  validate: (step: number, value: number) => isMultipleOf(value, step),
}

/** Takes tens of milliseconds: make one for all models. Schemas are checked for all errors, values later only for the first. */
export function createSchemaCompiler(): SchemaCompiler {
  const ajv = new Ajv({ ...options, meta: false, validateSchema: false })
  ajv.removeKeyword('multipleOf').addKeyword(multipleOf)
  const inspector = new Ajv({ ...options, allErrors: true })
  return {
    compile(schema, path, problems) {
      if (inspector.validateSchema(schema) !== true) {
        const errors = inspector.errors ?? []
        problems.push(...errors.map(error => ({ path: path + error.instancePath, reason: error.message ?? 'invalid' })))
        return undefined
      }
      try {
        return ajv.compile(schema)
      } catch (error) {
        problems.push({ path, reason: error instanceof Error ? error.message : String(error) })
        return undefined
      }
    },
  }
}
