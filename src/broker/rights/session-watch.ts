import type { Events } from '../../domain/events.ts'
import { isSameOwner, isSamePrincipal, type Known, type Principal, tokenOf } from '../../domain/principal.ts'
import type { Became, Clock } from '../../domain/request.ts'
import type { Authenticator, ConnectRefusal } from '../../domain/sign-in.ts'
import { serviceWarningsMs } from '../../domain/token-warnings.ts'
import type { BrokerLimits } from '../limits.ts'
import type { ClientIds } from '../sessions/client-ids.ts'
import type { Closings } from '../sessions/closings.ts'
import { closeSession, notify } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import { createRecheckSweep } from './recheck-sweep.ts'

export interface SessionWatchOptions {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly clientIds: ClientIds
  readonly authenticator: Authenticator
  readonly events: Events
  readonly limits: BrokerLimits
  readonly now: Clock
  readonly closings: Closings
  /** Brings a session's subscriptions in step with its principal. */
  readonly align: (session: Session) => void
  /** Makes room for a session of this principal; false when it has as many as it may. */
  readonly makeRoom: (principal: Principal, clientId: string) => boolean
  /** Brings what is kept of a session's will in step with its principal. */
  readonly rekeepWill: (session: Session) => void
}

/** Something to do for a session, so many milliseconds from now. */
interface Moment {
  readonly delayMs: number
  readonly act: () => void
}

const warnBeforeMs = 5 * 60_000
const maxTimeoutMs = 2 ** 31 - 1
const recheckAgainMs = 1000

export type SessionWatch = ReturnType<typeof createSessionWatch>

/**
 * Ends sessions when their time is over (idle guests, expired tokens), or when a look-up says that their rights have ended. The end of a session's time
 * takes no rights away: its will is sent with those that it had [MQTT-3.1.2-8].
 */
export function createSessionWatch({
  sessions,
  stored,
  clientIds,
  authenticator,
  events,
  limits,
  now,
  closings,
  align,
  makeRoom,
  rekeepWill,
}: SessionWatchOptions) {
  const close = (session: Session, reason: string) => closings.end([session], reason)
  const timers = new WeakMap<Session, Set<NodeJS.Timeout>>()

  function after(session: Session, delayMs: number, act: () => void): void {
    if (session.stream.destroyed) return
    const pending = timers.get(session) ?? new Set()
    timers.set(session, pending)
    const timer = setTimeout(
      () => {
        pending.delete(timer)
        if (delayMs > maxTimeoutMs) after(session, delayMs - maxTimeoutMs, act)
        else act()
      },
      Math.min(Math.max(delayMs, 0), maxTimeoutMs),
    ).unref()
    pending.add(timer)
  }

  /** Acts at each of the moments, the earliest first. A session has one timer for all of them. */
  function inTurn(session: Session, [next, ...later]: readonly Moment[]): void {
    if (!next) return
    const passedMs = Math.max(next.delayMs, 0)
    after(session, passedMs, () => {
      inTurn(
        session,
        later.map(({ delayMs, act }) => ({ delayMs: delayMs - passedMs, act })),
      )
      next.act()
    })
  }

  function stop(session: Session): void {
    for (const timer of timers.get(session) ?? []) clearTimeout(timer)
    timers.delete(session)
  }

  /** Restarts the session's timers. To be called when it opens, and whenever it acts for another principal. */
  function watch(session: Session): void {
    stop(session)
    const token = tokenOf(session.principal)
    if (token) {
      const leftMs = token.expiresAtMs - now()
      const warning = { expiresAt: Math.floor(token.expiresAtMs / 1000) }
      const warnings = session.principal.kind === 'service' ? serviceWarningsMs(leftMs) : []
      const dueMs = [...warnings, leftMs - warnBeforeMs].sort((a, b) => a - b)
      const warn = () => notify(session, 'token-expiring', warning)
      const expire = () => close(session, 'token-expired') // not a loss of rights: its will is sent
      inTurn(session, [...dueMs.map(delayMs => ({ delayMs, act: warn })), { delayMs: leftMs, act: expire }])
    } else if (session.principal.kind === 'guest') {
      session.lastRequestAtMs = now()
      watchIdleGuest(session)
      after(session, limits.guest.maxSeconds * 1000, () => close(session, 'guest-time-over'))
    }
  }

  function watchIdleGuest(session: Session): void {
    const idleMs = limits.guest.idleSeconds * 1000
    after(session, session.lastRequestAtMs + idleMs - now(), () => {
      if (now() - session.lastRequestAtMs >= idleMs) close(session, 'guest-idle')
      else watchIdleGuest(session)
    })
  }

  const isCurrent = (session: Session): boolean =>
    !session.client.closed &&
    session.closeReason === undefined &&
    !session.stream.destroyed &&
    !sessions.isSuperseded(session)

  /** Gives a session that goes on the rights of `principal`, and stores that. */
  function act(session: Session, principal: Principal): void {
    session.become(principal)
    if (session.reader.isStored && principal.kind !== 'guest' && isCurrent(session))
      stored.keep(session.clientId, principal)
    align(session)
  }

  /** Whether `principal` may have the client id of this session. Not while the session reads what is stored for another principal. */
  function mayHold(session: Session, principal: Known): boolean {
    const { clientId, reader } = session
    const owner = stored.ownerOf(clientId)
    const readsAnothers = reader.isStored && owner !== undefined && !isSameOwner(owner, principal)
    return !readsAnothers && clientIds.mayTake(clientId, principal, session)
  }

  /** A guest has signed in: from now on it holds its client id, as if it had connected with it and a clean session. */
  function takeId(session: Session, principal: Principal): void {
    const { clientId } = session
    void clientIds.displace(clientId, principal)
    void stored.forget(clientId)
    session.become(principal)
    for (const older of sessions.allBy(clientId)) if (older !== session) closeSession(older, 'taken-over')
  }

  /**
   * Makes the session act for `principal`; timers and subscriptions follow. Changes of rights that happened while the principal was being made are applied
   * afterwards.
   */
  function become(session: Session, principal: Principal): Became {
    if (!isCurrent(session)) return 'too-late'
    if (principal.kind !== 'guest' && !mayHold(session, principal)) return 'not-its-id'
    if (!makeRoom(principal, session.clientId)) return 'too-many'
    if (principal.kind !== 'guest' && !sessions.allBy(session.clientId).includes(session)) takeId(session, principal)
    act(session, principal)
    rekeepWill(session)
    watch(session)
    recheckSoon(session)
    return 'done'
  }

  /** Takes every right from the session, also its will, and closes it. */
  function end(session: Session, reason: string): void {
    session.revoke()
    close(session, reason)
  }

  function settle(session: Session, principal: Principal, current: Principal | ConnectRefusal): void {
    if (session.client.closed) return
    if (typeof current === 'string') {
      const unchanged = tokenOf(session.principal)?.id === tokenOf(principal)?.id
      if (unchanged && isSamePrincipal(session.principal, principal)) end(session, current)
    } else if (session.principal !== principal) {
      recheckSoon(session) // something changed meanwhile: look it up again
    } else if (current !== principal) {
      act(session, current)
      if (tokenOf(current)?.expiresAtMs !== tokenOf(principal)?.expiresAtMs) watch(session)
    }
  }

  async function recheck(session: Session): Promise<void> {
    const { principal } = session
    if (principal.kind === 'guest') return
    settle(session, principal, await authenticator.recheck(principal))
  }

  /** Looks up whether the session may go on, after what this turn has written is sent. Repeats a look-up that fails. */
  function recheckSoon(session: Session, delayMs = 0): void {
    after(session, delayMs, () => {
      recheck(session).catch((cause: unknown) => {
        events.emit('fault', { where: 'recheck', cause })
        recheckSoon(session, recheckAgainMs)
      })
    })
  }

  /** An expired token does not end the owner's rights. A suspended session goes on when its owner comes back, or when its device is enabled again. */
  function settleAway(clientId: string, owner: Principal, current: Principal | ConnectRefusal): void {
    if (sessions.byClientId(clientId) || stored.ownerOf(clientId) !== owner) return
    const isSuspended = stored.principalOf(clientId) === undefined
    if (typeof current === 'string') {
      if (current !== 'token-expired') stored.suspend(clientId)
    } else if (isSuspended ? owner.kind === 'device' : current !== owner) stored.keep(clientId, current)
  }

  const sweep = createRecheckSweep({
    groups: [
      {
        sessions: () =>
          Array.from(sessions.all())
            .filter(({ principal }) => principal.kind !== 'guest')
            .map(session => {
              const { principal } = session
              return { principal, settle: current => settle(session, principal, current) }
            }),
        lookUp: authenticator.recheckAll,
      },
      {
        sessions: () =>
          Array.from(stored.all())
            .filter(([clientId]) => !sessions.byClientId(clientId))
            .map(([clientId, owner]) => ({
              principal: owner,
              settle: current => settleAway(clientId, owner, current),
            })),
        lookUp: authenticator.restoreAll,
      },
    ],
    failed: cause => void events.emit('fault', { where: 'recheck', cause }),
  })

  return { watch, stop, act, become, mayHold, recheckSoon, recheckAll: sweep.start, close: sweep.stop }
}
