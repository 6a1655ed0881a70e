import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AskedFilters } from '../../../src/broker/sessions/asked-filters.ts'
import { decideDelivery, decidePublish, decideSubscribe } from '../../../src/domain/policy.ts'
import { guest, type Principal, type ServicePrincipal, type Subject } from '../../../src/domain/principal.ts'
import { isIdentifier, isServiceClientId } from '../../../src/protocol/identifiers.ts'
import { isTopicName, matchesFilter } from '../../../src/protocol/topic-filter.ts'
import { topics } from '../../../src/protocol/topics.ts'

const token = { id: 't', expiresAtMs: 0 }
const everything: ServicePrincipal = {
  kind: 'service',
  name: 's',
  acl: [{ permission: 'allow', action: 'all', topic: '#' }],
  token,
}
const principals: readonly Principal[] = [
  guest,
  { kind: 'user', userId: 'u', username: 'u', grants: new Map([['a', 'owner']]), token },
  { kind: 'operator', userId: 'u', username: 'u', token },
  { kind: 'device', deviceId: 'a', type: 'lamp' },
  everything,
]

/** Texts that collide, and parts of topics among them. */
const part = fc.constantFrom('a', 'b', 'auth', 'login', 'denied', 'notify', 'reply', ' ', '', '温')
const parts = fc.array(part, { minLength: 1, maxLength: 4 })
const oddId = parts.map(all => all.join('/')).filter(id => isServiceClientId(id) && !isIdentifier(id))
const anyId = fc.oneof(fc.constantFrom('a', 'b'), oddId)
const subject: fc.Arbitrary<Subject> = fc
  .tuple(fc.constantFrom(...principals), anyId)
  .map(([principal, clientId]) => ({ principal, clientId }))
  .filter(({ principal, clientId }) => principal.kind === 'service' || isIdentifier(clientId))
const root = fc.constantFrom('reply', 'notify', 'request')
const filter = fc
  .tuple(root, fc.array(fc.oneof(part, fc.constant('+')), { maxLength: 5 }), fc.boolean())
  .map(([first, levels, isOpen]) => [first, ...levels, ...(isOpen ? ['#'] : [])].join('/'))
const ownTopic = (clientId: string) =>
  fc.constantFrom(topics.reply(clientId, 'auth/login'), topics.notify(clientId, 'denied'))

test('a client id that is no identifier has no topics of its own: none is granted, delivered, published or heard', () => {
  fc.assert(
    fc.property(
      oddId.chain(clientId => fc.tuple(fc.constant(clientId), filter, ownTopic(clientId))),
      ([clientId, asked, topic]) => {
        const service = { clientId, principal: everything }
        expect(decideSubscribe(service, asked).allowed).toBe(false)
        expect(decideDelivery(service, topic).allowed).toBe(false)
        expect(decidePublish(service, topics.request(clientId, 'ops/kick')).allowed).toBe(false)
        const filters = new AskedFilters<0>(clientId)
        for (const one of ['app/#', 'devices/#', '$SYS/broker/#']) filters.set(one, 0)
        expect(filters.hears(topic)).toBe(false)
      },
    ),
    { numRuns: 1000 },
  )
})

test('nobody subscribes what belongs to another client id, whatever ids there are', () => {
  fc.assert(
    fc.property(
      subject.chain(who => fc.tuple(fc.constant(who), fc.constantFrom('a', 'b'), filter)),
      ([who, ownerId, asked]) => {
        if (who.clientId === ownerId || !decideSubscribe(who, asked).allowed) return
        for (const topic of [topics.reply(ownerId, 'auth/login'), topics.notify(ownerId, 'denied')])
          expect(matchesFilter(asked, topic)).toBe(false)
      },
    ),
    { numRuns: 3000 },
  )
})

test('a request is published only by the client whose id stands in it, as one level', () => {
  fc.assert(
    fc.property(subject, parts, (who, levels) => {
      const topic = ['request', ...levels].join('/')
      if (isTopicName(topic) && decidePublish(who, topic).allowed) expect(who.clientId).toBe(levels[0])
    }),
    { numRuns: 3000 },
  )
})
