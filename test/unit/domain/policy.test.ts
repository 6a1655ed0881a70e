import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideDelivery, decidePublish, decideSubscribe, followedFilters } from '../../../src/domain/policy.ts'
import { guest, type Principal, type Subject } from '../../../src/domain/principal.ts'
import { aclEntrySchema } from '../../../src/protocol/claims.ts'
import { deviceRoles } from '../../../src/protocol/operations/device.ts'
import { topics } from '../../../src/protocol/topics.ts'

const token = { id: 't', expiresAtMs: 0 }
const level = fc.constantFrom(
  'devices',
  'd1',
  'd2',
  'd3',
  'state',
  'set',
  'ack',
  'event',
  'invoke',
  'presence',
  'x',
  'app',
  'request',
  'reply',
  'notify',
  'c1',
  'c2',
  '$SYS',
  'ops',
  '',
  '__proto__',
  '{client}',
  '{device}',
)
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map(levels => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
const acl = fc.array(
  fc
    .record({
      permission: fc.constantFrom('allow', 'deny'),
      action: fc.constantFrom('publish', 'subscribe', 'all'),
      topic: filter.filter(text => text !== ''),
    })
    .map(entry => aclEntrySchema.parse(entry)),
  { maxLength: 4 },
)
const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.constant(guest),
  fc.constant<Principal>({ kind: 'device', deviceId: 'd1', type: 'lamp' }),
  fc.constant<Principal>({ kind: 'operator', userId: 'o', username: 'o', token }),
  fc
    .array(fc.tuple(fc.constantFrom('d1', 'd2', 'd3'), fc.constantFrom(...deviceRoles)))
    .map(grants => ({ kind: 'user' as const, userId: 'u', username: 'u', token, grants: new Map(grants) })),
  acl.map(entries => ({ kind: 'service' as const, name: 's', acl: entries, token })),
)
const subject: fc.Arbitrary<Subject> = principal.map(who => ({ clientId: 'c1', principal: who }))

test('the policy answers for any string and any principal, and never throws', () => {
  fc.assert(
    fc.property(subject, fc.oneof(fc.string({ unit: 'binary' }), topic, filter), (who, text) => {
      for (const decision of [
        decidePublish(who, text),
        decidePublish(who, text, true),
        decideSubscribe(who, text),
        decideDelivery(who, text),
      ]) {
        expect(decision.rule).not.toBe('')
      }
    }),
    { numRuns: 2000 },
  )
})

test('every topic that a granted filter matches may be delivered', () => {
  fc.assert(
    fc.property(subject, filter, topic, (who, asked, name) => {
      const decision = decideSubscribe(who, asked)
      if (!decision.allowed || decision.follows || !matches(asked, name)) return
      expect(decideDelivery(who, name), `${asked} was granted, ${name} is delivered`).toMatchObject({ allowed: true })
    }),
    { numRuns: 5000 },
  )
})

test('what a followed filter stands for is granted by itself, and is the whole of it on that device', () => {
  fc.assert(
    fc.property(filter, fc.constantFrom(...deviceRoles), topic, (asked, role, name) => {
      const who: Subject = {
        clientId: 'c1',
        principal: { kind: 'user', userId: 'u', username: 'u', token, grants: new Map([['d1', role]]) },
      }
      if (!decideSubscribe(who, asked).follows) return
      const exact = followedFilters(asked, 'd1', role)
      for (const one of exact) expect(decideSubscribe(who, one)).toMatchObject({ allowed: true })
      if (matches(asked, name) && decideDelivery(who, name).allowed && name.startsWith('devices/')) {
        expect(
          exact.some(one => matches(one, name)),
          `${asked} as ${exact} must bring ${name}`,
        ).toBe(true)
      }
    }),
    { numRuns: 5000 },
  )
})

/** The standard's words, written apart from the code under test [MQTT-4.7]. */
function matches(pattern: string, name: string): boolean {
  if (/[+#\0]/.test(name) || name === '' || (name.startsWith('$') && /^[+#]/.test(pattern))) return false
  const source = pattern
    .split('/')
    .map(part => (part === '+' ? '[^/]*' : part === '#' ? '.*' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
    .join('/')
    .replace(/\/\.\*$/, '(/.*)?')
  return new RegExp(`^${source}$`, 's').test(name)
}

const user = (grants: [string, (typeof deviceRoles)[number]][]): Subject => ({
  clientId: 'c1',
  principal: { kind: 'user', userId: 'u', username: 'u', token, grants: new Map(grants) },
})
const guestSubject: Subject = { clientId: 'c1', principal: guest }
const deviceSubject: Subject = { clientId: 'd1', principal: { kind: 'device', deviceId: 'd1', type: 'lamp' } }

test.each([
  [guestSubject, topics.request('c1', 'auth/login'), true],
  [guestSubject, topics.request('c2', 'auth/login'), false],
  [guestSubject, topics.set('d1'), false],
  [user([['d1', 'owner']]), topics.set('d1'), true],
  [user([['d1', 'controller']]), topics.invoke('d1', 'blink'), true],
  [user([['d1', 'viewer']]), topics.set('d1'), false],
  [user([['d1', 'owner']]), topics.set('d2'), false],
  [user([['d1', 'owner']]), topics.state('d1'), false],
  [deviceSubject, topics.state('d1'), true],
  [deviceSubject, topics.state('d2'), false],
  [deviceSubject, topics.presence('d1'), false],
  [deviceSubject, topics.set('d1'), false],
] as const)('publish %#: %o to %s is %s', (who, name, allowed) => {
  expect(decidePublish(who, name).allowed).toBe(allowed)
})

test('only a device may retain, and only its state; services within app/', () => {
  expect(decidePublish(deviceSubject, topics.state('d1'), true).allowed).toBe(true)
  expect(decidePublish(deviceSubject, topics.event('d1', 'x'), true)).toEqual({
    allowed: false,
    rule: 'retain-not-allowed',
  })
  expect(decidePublish(user([['d1', 'owner']]), topics.set('d1'), true)).toEqual({
    allowed: false,
    rule: 'retain-not-allowed',
  })
  const service: Subject = {
    clientId: 'c1',
    principal: { kind: 'service', name: 's', token, acl: [{ permission: 'allow', action: 'all', topic: '#' }] },
  }
  expect(decidePublish(service, 'app/x', true).allowed).toBe(true)
  expect(decidePublish(service, topics.set('d1'), true).rule).toBe('retain-not-allowed')
  expect(decidePublish(service, topics.state('d1')).rule).toBe('service-bounds')
})

test('a denied part of a filter refuses it whole, even where a later entry allows it', () => {
  const service: Subject = {
    clientId: 'c1',
    principal: {
      kind: 'service',
      name: 's',
      token,
      acl: [
        { permission: 'deny', action: 'all', topic: 'app/secret/#' },
        { permission: 'allow', action: 'all', topic: 'app/#' },
      ],
    },
  }
  expect(decideSubscribe(service, 'app/#').allowed).toBe(false)
  expect(decideSubscribe(service, 'app/open/#').allowed).toBe(true)
})
