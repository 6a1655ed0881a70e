import { thingModelSchema } from '../../../src/protocol/thing-model.ts'
import { createDeviceType, type DeviceType } from '../../../src/registry/types/device-type.ts'
import { createSchemaCompiler } from '../../../src/registry/types/schema-compiler.ts'
import type { ThingModels } from '../../../src/registry/types/thing-models.ts'

/** A model with these affordances, parsed. */
export const modelWith = (affordances: { properties?: object; actions?: object; events?: object }) =>
  thingModelSchema.parse({
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    '@type': 'tm:ThingModel',
    title: 'Test',
    properties: {},
    ...affordances,
  })

/** One for all tests of a file: it keeps nothing between models. */
export const compiler = createSchemaCompiler()

export function deviceTypeWith(affordances: Parameters<typeof modelWith>[0]): DeviceType {
  const type = createDeviceType('test', modelWith(affordances), compiler)
  if (Array.isArray(type)) throw new Error(JSON.stringify(type))
  return type
}

/** `lamp`: on, brightness 0–100, label, a readOnly power and a free-form `settings`; actions blink and reset. */
export const lampType = deviceTypeWith({
  properties: {
    on: { type: 'boolean', titles: { en: 'Power' } },
    brightness: { type: 'integer', minimum: 0, maximum: 100, unit: '%' },
    label: { type: 'string', maxLength: 20 },
    power: { type: 'number', readOnly: true },
    settings: { type: 'object', properties: { speed: { type: 'integer' } } },
    constructor: { type: 'boolean' },
  },
  actions: {
    blink: { input: { type: 'object', properties: { times: { type: 'integer', maximum: 20 } } } },
    dim: { input: { type: 'integer' } },
    reset: {},
  },
})

export const models: ThingModels = {
  get: type => (type === 'lamp' ? lampType : undefined),
  names: () => ['lamp'],
}

/** An object nested this deep, as JSON. */
export const nestedJson = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

export const bytes = (json: unknown): Uint8Array => Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
