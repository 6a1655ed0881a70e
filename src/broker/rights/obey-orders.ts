import type { Events } from '../../domain/events.ts'
import type { OrderKinds, Orders } from '../../domain/orders.ts'
import { type Principal, tokenOf, userIdOf } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import { inTurns } from '../../turns/in-turns.ts'
import type { Closings } from '../sessions/closings.ts'
import { notify } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import { createRegrant } from './regrant.ts'
import type { SessionWatch } from './session-watch.ts'

interface Options {
  readonly orders: Pick<Orders, 'obey'>
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly closings: Closings
  readonly watch: Pick<SessionWatch, 'act' | 'recheckSoon' | 'recheckAll'>
  readonly events: Events
  readonly now: Clock
}

/** Makes the sessions of this node obey orders that change rights. Sessions that lose rights lose them before the next delivery, connected or away. */
export function obeyOrders({ orders, sessions, stored, closings, watch, events, now }: Options): void {
  const ofUser = (userId: string) => [...sessions.all()].filter(({ principal }) => userIdOf(principal) === userId)

  function endWhere(matches: (principal: Principal) => boolean, reason: string): void {
    const startedAtMs = performance.now()
    const ending = [...sessions.all()].filter(({ principal }) => matches(principal))
    for (const session of ending) session.revoke()
    closings.end(ending, reason)
    stored.suspendWhere(matches, startedAtMs)
  }

  /** Rights change at once. Subscriptions follow, and clients are told, over as many turns as needed. */
  function regrant({ userId, deviceId, role }: OrderKinds['grant-changed']): void {
    const startedAtMs = performance.now()
    const regranted = createRegrant(userId, deviceId, role)
    stored.updateOwners(regranted)
    const changed: Session[] = []
    for (const session of sessions.all()) {
      const principal = regranted(session.principal)
      if (!principal) continue
      session.become(principal)
      changed.push(session)
    }
    const follow = (session: Session) => {
      if (userIdOf(session.principal) !== userId) return
      watch.act(session, session.principal)
      notify(session, 'devices', { deviceId, role })
    }
    inTurns(changed, follow, startedAtMs).catch(
      (cause: unknown) => void events.emit('fault', { where: 'changing grants', cause }),
    )
  }

  orders.obey({
    'grant-changed': regrant,
    'device-changed'({ userId, deviceId }) {
      for (const session of ofUser(userId)) notify(session, 'devices', { deviceId })
    },
    'wechat-linked'({ userId, clientId }) {
      for (const session of ofUser(userId))
        if (session.clientId !== clientId) notify(session, 'wechat-linked', { at: now() })
    },
    'token-revoked': ({ tokenId, familyId, reason }) =>
      endWhere(principal => {
        const token = tokenOf(principal)
        return token !== undefined && (token.id === tokenId || (familyId !== undefined && token.familyId === familyId))
      }, reason),
    'account-signed-out': ({ userId, reason, exceptTokenId }) =>
      endWhere(principal => userIdOf(principal) === userId && tokenOf(principal)?.id !== exceptTokenId, reason),
    'device-barred': ({ deviceId, reason }) =>
      endWhere(principal => principal.kind === 'device' && principal.deviceId === deviceId, reason),
    'device-enrolled'({ deviceId }) {
      for (const session of sessions.all())
        if (session.principal.kind === 'device' && session.principal.deviceId === deviceId) watch.recheckSoon(session)
    },
    'store-changed-elsewhere': watch.recheckAll,
  })
}
