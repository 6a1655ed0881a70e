import { expect, test } from 'vitest'
import { clientIdSchema, isIdentifier, isServiceClientId } from '../../../src/protocol/identifiers.ts'

test.each(['paho/1F2E', 'node red', ' ', '$SYS', '../x', '温度计', 'мост/1', '🏠'.repeat(64), 'x'.repeat(256), '‮abc'])(
  '%j may be the client id of a service, and of nobody else',
  id => {
    expect([isServiceClientId(id), clientIdSchema.safeParse(id).success, isIdentifier(id)]).toEqual([true, true, false])
  },
)

test.each([
  '',
  'a#',
  'a+b',
  'a\0',
  'a\n',
  'a\u0085',
  'a\u007f',
  '\ud800',
  'a\udc00',
  '\ufffd',
  'x'.repeat(257),
  '温'.repeat(86),
  '🏠'.repeat(65),
])('%j may be nobody’s', id => {
  expect([isServiceClientId(id), clientIdSchema.safeParse(id).success, isIdentifier(id)]).toEqual([false, false, false])
})
