import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { OpenSession } from '../../domain/open-sessions.ts'
import type { Orders } from '../../domain/orders.ts'
import { originOf } from '../../domain/origin.ts'
import { tokenOf, userIdOf } from '../../domain/principal.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import { inTurns } from '../../turns/in-turns.ts'

interface Options {
  readonly store: Pick<AccountStore, 'signInsOf' | 'revokeFamily'>
  readonly sessions: () => Promise<Iterable<OpenSession>>
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
}

/** The newest are listed. */
const maxListed = 100

/** Shows people where their account is signed in, and signs it out there. */
export function createOwnSignIns({
  store,
  sessions,
  events,
  orders,
  now,
}: Options): Handlers<'account/sessions' | 'account/signout'> {
  return {
    async 'account/sessions'(_request, { principal }) {
      const { userId, token } = principal
      const signIns = await store.signInsOf(userId, now(), maxListed)
      const online = new Set<string | undefined>()
      await inTurns(await sessions(), session => {
        if (userIdOf(session.principal) === userId) online.add(tokenOf(session.principal)?.familyId)
      })
      return {
        sessions: signIns.map(({ id, beganAtMs, expiresAtMs }) => ({
          ...{ signIn: id, since: beganAtMs, expiresAt: expiresAtMs },
          ...{ online: online.has(id), current: token.familyId === id },
        })),
      }
    },

    async 'account/signout'({ signIn }, context) {
      const { userId, token } = context.principal
      if (token.familyId === signIn) return refuse(4003, { detail: 'this session ends by auth/logout' })
      const known = await store.signInsOf(userId, now(), Number.MAX_SAFE_INTEGER)
      if (!known.some(({ id }) => id === signIn)) return refuse(3001, { detail: 'signIn' })
      await store.revokeFamily(signIn)
      const obeyed = orders.give('token-revoked', { tokenId: '', familyId: signIn, reason: 'logged-out' })
      const target = { kind: 'user', id: userId } as const
      events.emit('acted', { ...originOf(context), kind: 'signed-out', target, detail: 'elsewhere' })
      await obeyed
      return {}
    },
  }
}
