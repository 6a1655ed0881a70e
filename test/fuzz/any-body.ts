import fc from 'fast-check'
import { toJSONSchema } from 'zod/v4/core'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { operations } from '../../src/protocol/operations.ts'

const accounts = ['fuzz-user', 'fuzz-new-1', 'fuzz-new-2', 'fuzz-new-3', 'nobody']
const digests = ['correct horse', 'wrong'].map(passwordDigest)
const codeUnits = fc.array(fc.nat(0xffff), { maxLength: 20 }).map(units => String.fromCharCode(...units))
const text = fc.oneof(fc.string(), codeUnits, fc.constant('a\0b'), fc.constant('x'.repeat(1500)))

/** Values that a field of this name may have, some of which are those of the world that is fuzzed. */
const plausible = (deviceIds: readonly string[]): Readonly<Record<string, fc.Arbitrary<unknown>>> => ({
  id: fc.string({ maxLength: 70 }),
  username: fc.constantFrom(...accounts),
  password: fc.constantFrom(...digests),
  current: fc.constantFrom(...digests),
  next: fc.constantFrom(...digests),
  code: fc.oneof(
    fc.tuple(fc.constantFrom(...accounts), fc.nat()).map(([name, nonce]) => `sandbox:${name}:${nonce}`),
    fc.constantFrom('ABCD-EFGH', 'used', 'sandbox:::'),
  ),
  everywhere: fc.boolean(),
  deviceId: fc.constantFrom(...deviceIds, '__proto__', 'nowhere'),
  name: fc.constantFrom('Lamp', '灯', ' ', '\u202e'),
  role: fc.constantFrom('owner', 'controller', 'viewer', 'toString'),
  ttl: fc.constantFrom(60, 59, 604_800, 1e300),
  invitation: fc.constantFrom('AAAAAAAAAAAAAAAAAAAAAA', '-', 'x'.repeat(64)),
  userId: fc.constantFrom('fuzz', '__proto__', '-'),
  property: fc.constantFrom('on', 'brightness', 'temperature', '__proto__', 'constructor'),
  from: fc.constantFrom(0, 1, Date.UTC(2026), 8_640_000_000_000_000, -1),
  to: fc.constantFrom(0, 2, Date.UTC(2030), 8_640_000_000_000_000, Number.MAX_SAFE_INTEGER),
  points: fc.constantFrom(1, 2, 500, 501),
  type: fc.constantFrom('lamp', 'sensor', '__proto__', 'none'),
  serial: fc.constantFrom('SN1', '-', 'x'.repeat(31)),
  timestamp: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
  signature: fc.constantFrom('a'.repeat(64), 'A'.repeat(64)),
})

const anyJson = fc.oneof(
  fc.json(),
  fc.json().map(json => json.replaceAll('"', '')), // nearly JSON
  text.map(value => JSON.stringify(value)),
)
const states = fc.oneof(
  fc.record({ on: fc.boolean(), brightness: fc.integer({ min: -5, max: 120 }) }, { requiredKeys: [] }),
  fc.record({ id: fc.string(), temperature: fc.double(), times: fc.integer() }, { requiredKeys: [] }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }),
)
const odd = fc.constantFrom(
  '',
  '{',
  '[]',
  'null',
  '{"id":1}',
  '{"__proto__":{"id":"x"}}',
  '{"id":"a","id":"b"}',
  '\uFEFF{}',
)
const deep = fc.constantFrom(100, 2000, 5000).map(depth => `${'['.repeat(depth)}${']'.repeat(depth)}`)

/**
 * Bodies of requests, commands and reports: the fields of an operation with values that fit, of which some are left out or replaced by
 * anything; states; any JSON; any bytes.
 */
export function anyBody(deviceIds: readonly string[]): fc.Arbitrary<Buffer> {
  const values = plausible(deviceIds)
  const bodies = Object.values(operations).map(({ request }) => {
    const fields = Object.keys(toJSONSchema(request, { io: 'input' }).properties ?? {})
    const model = Object.fromEntries([
      ['id', fc.string({ maxLength: 66 })],
      ...fields.map(field => {
        const fits = values[field] ?? fc.jsonValue()
        return [field, fc.oneof({ weight: 8, arbitrary: fits }, { weight: 1, arbitrary: fc.jsonValue() })]
      }),
    ])
    return fc.oneof(
      { weight: 3, arbitrary: fc.record(model) },
      { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
    )
  })
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...bodies).map(toJson) },
    { weight: 4, arbitrary: states.map(toJson) },
    { weight: 1, arbitrary: fc.oneof(anyJson, odd, deep).map(json => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)) },
  )
}

const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '')
