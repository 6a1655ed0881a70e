import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  intersectFilters,
  isSubset,
  isTopicFilter,
  isTopicName,
  matchesFilter,
} from '../../../src/protocol/topic-filter.ts'
import { parseTopic, topics } from '../../../src/protocol/topics.ts'
import { anyFilter, anyTopic } from '../../support/arbitraries.ts'

test.each([
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['+', 'a/b', false],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
])('%s and %s: match is %s [MQTT-4.7]', (pattern, name, expected) => {
  expect(matchesFilter(pattern, name)).toBe(expected)
})

test.each(['', 'a/#/b', 'a#', 'a+/b', 'a\0b', '\ud800', '\ufffd', Array(34).join('/')])(
  '%j is no topic filter',
  text => {
    expect(isTopicFilter(text)).toBe(false)
  },
)

test('every topic that matches the inner filter matches the outer one', () => {
  fc.assert(
    fc.property(
      anyFilter,
      anyFilter,
      anyTopic,
      (inner, outer, name) => !isSubset(inner, outer) || !matchesFilter(inner, name) || matchesFilter(outer, name),
    ),
    { numRuns: 5000 },
  )
})

test('the intersection matches exactly what both match', () => {
  fc.assert(
    fc.property(anyFilter, anyFilter, anyTopic, (a, b, name) => {
      const both = intersectFilters(a, b)
      expect(both !== undefined && matchesFilter(both, name)).toBe(matchesFilter(a, name) && matchesFilter(b, name))
    }),
    { numRuns: 5000 },
  )
})

test('no function of the grammar throws, for any strings', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      isTopicName(a)
      isTopicFilter(a)
      matchesFilter(a, b)
      isSubset(a, b)
      intersectFilters(a, b)
      parseTopic(a)
    }),
  )
})

test('every topic that is built is parsed to what it was built from', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)
  fc.assert(
    fc.property(id, id, (a, b) => {
      expect(parseTopic(topics.request(a, `auth/${b}`))).toEqual({
        kind: 'request',
        clientId: a,
        operation: `auth/${b}`,
      })
      expect(parseTopic(topics.request(a, `ops/user/${b}`))).toMatchObject({ clientId: a, operation: `ops/user/${b}` })
      expect(parseTopic(topics.reply(a, `auth/${b}`))).toEqual({ kind: 'reply', clientId: a, operation: `auth/${b}` })
      expect(parseTopic(topics.notify(a, 'denied'))).toEqual({ kind: 'notify', clientId: a, name: 'denied' })
      for (const kind of ['state', 'set', 'ack', 'presence'] as const)
        expect(parseTopic(topics[kind](a))).toEqual({ kind, deviceId: a })
      for (const kind of ['invoke', 'event'] as const)
        expect(parseTopic(topics[kind](a, b))).toEqual({ kind, deviceId: a, name: b })
    }),
  )
})
