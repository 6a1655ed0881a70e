import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createOwnedSessions } from '../../../src/broker/sessions/owned-sessions.ts'
import type { Principal } from '../../../src/domain/principal.ts'

const token = { id: 't', expiresAtMs: 0 }
const owners: readonly Principal[] = [
  { kind: 'user', userId: 'u', username: 'u', grants: new Map(), token },
  { kind: 'operator', userId: 'u', username: 'u', token },
  { kind: 'service', name: 'u', acl: [], token },
  { kind: 'device', deviceId: 'u', type: 'lamp' },
]
const clientId = fc.constantFrom('a', 'b', 'c')
const owner = fc.constantFrom(...owners)
const change = fc.oneof(
  fc.record({ kind: fc.constant('live' as const), owner, clientId }),
  fc.record({ kind: fc.constant('stored' as const), owner, clientId, isAway: fc.boolean() }),
  fc.record({ kind: fc.constant('forgotten' as const), clientId }),
  fc.record({ kind: fc.constant('closed' as const), which: fc.nat() }),
)

it('counts each id of an owner once, live, stored or both; an account is one owner whatever its role', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), changes => {
      const owned = createOwnedSessions()
      const live: { owner: Principal; clientId: string }[] = []
      const stored = new Map<string, { owner: Principal; isAway: boolean }>()
      for (const one of changes) {
        if (one.kind === 'live') {
          live.push(one)
          owned.opened(one.owner, one.clientId)
        } else if (one.kind === 'stored') {
          stored.set(one.clientId, one)
          const { clientId, owner, isAway } = one
          owned.recorded({ clientId, owner, suspended: false, ...(isAway && { awaySinceMs: 1 }) })
        } else if (one.kind === 'forgotten') {
          stored.delete(one.clientId)
          owned.forgotten(one.clientId)
        } else {
          const [gone] = live.splice(one.which % Math.max(live.length, 1), 1)
          if (gone) owned.closed(gone.owner, gone.clientId)
        }
      }
      for (const one of owners) {
        const mine = (other: Principal) => keyOf(other) === keyOf(one) && one.kind !== 'device'
        const storedIds = [...stored].filter(([, { owner }]) => mine(owner))
        const liveIds = live.filter(({ owner }) => mine(owner)).map(({ clientId }) => clientId)
        expect(owned.count(one)).toBe(new Set([...liveIds, ...storedIds.map(([id]) => id)]).size)
        const awayIds = storedIds.filter(([, { isAway }]) => isAway).map(([id]) => id)
        expect([...owned.away(one).keys()].sort()).toEqual(awayIds.sort())
      }
    }),
  )
})

const keyOf = (principal: Principal): string => (principal.kind === 'operator' ? 'user' : principal.kind)
