import type { ValidateFunction } from 'ajv'
import type { JsonObject } from '../../domain/json.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'
import { boundsProblem, depthProblem } from './bounded-json.ts'
import type { ModelProblem, SchemaCompiler } from './schema-compiler.ts'

/** A thing model with compiled schemas. The checks take any JSON, never throw, and are undefined when all is well. */
export interface DeviceType {
  readonly name: string
  readonly model: ThingModel
  hasProperty(property: string): boolean
  /** Checks properties that a member wants to set: they must be known and writable, with values that the model allows. */
  checkSet(properties: JsonObject): PropertyRefusal | undefined
  /** Why `action` may not be invoked with `input`. No input counts as `{}` where the model asks for an object. */
  checkAction(action: string, input: unknown): string | undefined
  /** Why a value that a device reports for a property is refused. The caller bounds its size. */
  checkReported(property: string, value: unknown): string | undefined
}

export interface PropertyRefusal {
  readonly property: string
  readonly reason: string
}

interface CompiledProperty {
  readonly readOnly: boolean
  readonly validate: ValidateFunction
}

interface CompiledAction {
  readonly takesObject: boolean
  readonly validate: ValidateFunction | undefined
}

/** Compiles `model`; an array of every problem in its schemas when it cannot be compiled. */
export function createDeviceType(
  name: string,
  model: ThingModel,
  compiler: SchemaCompiler,
): DeviceType | ModelProblem[] {
  const problems: ModelProblem[] = []
  const properties = new Map<string, CompiledProperty>()
  for (const [property, schema] of Object.entries(model.properties)) {
    const path = `/properties/${property}`
    const readOnly = schema.readOnly === true
    if (property === 'id' && !readOnly) problems.push({ path, reason: "is a command's own key and cannot be set" })
    const validate = compiler.compile(schema, path, problems)
    if (validate) properties.set(property, { readOnly, validate })
  }

  const actions = new Map<string, CompiledAction>()
  for (const [action, { input }] of Object.entries(model.actions ?? {})) {
    const validate = input && compiler.compile(input, `/actions/${action}/input`, problems)
    actions.set(action, { takesObject: input?.type === 'object', validate })
  }

  if (problems.length > 0) return problems
  return {
    name,
    model,
    hasProperty: property => properties.has(property),
    checkSet(wanted) {
      for (const [property, value] of Object.entries(wanted)) {
        const known = properties.get(property)
        const reason = !known ? noSuchProperty : known.readOnly ? 'is read only' : violation(known.validate, value)
        if (reason !== undefined) return { property, reason }
      }
      return undefined
    },
    checkAction(action, input) {
      const known = actions.get(action)
      if (!known) return 'no such action'
      if (!known.validate) return isNothing(input) ? undefined : 'takes no input'
      return violation(known.validate, input === undefined && known.takesObject ? {} : input)
    },
    checkReported(property, value) {
      const known = properties.get(property)
      return known ? (depthProblem(value) ?? mismatch(known.validate, value)) : noSuchProperty
    },
  }
}

const noSuchProperty = 'no such property'
const maxReasonLength = 200

function violation(validate: ValidateFunction, value: unknown): string | undefined {
  return boundsProblem(value) ?? mismatch(validate, value)
}

function mismatch(validate: ValidateFunction, value: unknown): string | undefined {
  if (validate(value) === true) return undefined
  const [first] = validate.errors ?? []
  return `${first?.instancePath ?? ''} ${first?.message ?? 'is not allowed'}`.trim().slice(0, maxReasonLength)
}

const isNothing = (input: unknown): boolean =>
  input === undefined || input === null || (typeof input === 'object' && Object.keys(input).length === 0)
