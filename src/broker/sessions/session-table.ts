import type { Principal } from '../../domain/principal.ts'
import { networksOf } from '../../network/counted-networks.ts'
import type { EngineClient } from '../engine/engine-client.ts'
import { createOwnedSessions, type OwnedSessions } from './owned-sessions.ts'
import type { Session } from './session.ts'

/** The sessions of this process. One session at a time holds a client id: from its admission on, or for a guest, which holds none, from signing in on. */
export interface SessionTable {
  of(client: EngineClient): Session | undefined
  /** The session that holds the id. */
  byClientId(clientId: string): Session | undefined
  /** True when another session now holds the id of this one. */
  isSuperseded(session: Session): boolean
  all(): Iterable<Session>
  /** Admits a session. An earlier one of the same principal with the same id is superseded; the broker closes it. */
  admit(session: Session): void
  /** Forgets a session. */
  remove(session: Session): void
  /** Every session that holds or held this client id and has not closed; the last one holds it. */
  allBy(clientId: string): readonly Session[]
  /** How many guests count for `address`: its own, or a share of those of its wider networks, if that is more. */
  guestsFrom(address: string): number
  guests(): number
}

/** Tells `owned` of every session that comes and goes, and for whom it acts. */
export function createSessionTable(owned: OwnedSessions = createOwnedSessions()): SessionTable {
  const byClient = new WeakMap<EngineClient, Session>()
  const all = new Set<Session>()
  /** For whom each session is counted. */
  const countedFor = new Map<Session, Principal>()
  const guestsOf = new Map<string, number>()
  /** The last one of each list holds the id; those before it are superseded and about to close. */
  const byId = new Map<string, readonly Session[]>()

  let guests = 0

  const current = (clientId: string) => byId.get(clientId)?.at(-1)
  const isHeld = (session: Session) => byId.get(session.clientId)?.includes(session) === true

  /** It keeps the id until it closes, also when it is a guest again. */
  function hold(session: Session): void {
    if (session.principal.kind === 'guest' || isHeld(session)) return
    byId.set(session.clientId, [...(byId.get(session.clientId) ?? []), session])
  }

  function countGuest({ address }: Session, more: 1 | -1): void {
    guests += more
    for (const { network } of networksOf(address)) {
      const count = (guestsOf.get(network) ?? 0) + more
      if (count > 0) guestsOf.set(network, count)
      else guestsOf.delete(network)
    }
  }

  function count(session: Session): void {
    const { principal, clientId } = session
    countedFor.set(session, principal)
    if (principal.kind === 'guest') countGuest(session, 1)
    else owned.opened(principal, clientId)
  }

  function discount(session: Session): void {
    const principal = countedFor.get(session)
    countedFor.delete(session)
    if (principal?.kind === 'guest') countGuest(session, -1)
    else if (principal) owned.closed(principal, session.clientId)
  }

  return {
    of: client => byClient.get(client),
    byClientId: current,
    isSuperseded: session => isHeld(session) && current(session.clientId) !== session,
    all: () => all,
    admit(session) {
      all.add(session)
      byClient.set(session.client, session)
      count(session)
      session.becameSomebody = () => {
        if (!countedFor.has(session)) return
        discount(session)
        if (session.revokedFrom === undefined) count(session)
        hold(session)
      }
      hold(session)
    },
    remove(session) {
      all.delete(session)
      discount(session)
      const left = byId.get(session.clientId)?.filter(other => other !== session) ?? []
      if (left.length > 0) byId.set(session.clientId, left)
      else byId.delete(session.clientId)
    },
    allBy: clientId => byId.get(clientId) ?? [],
    guests: () => guests,
    guestsFrom: address =>
      Math.max(...networksOf(address).map(({ network, share }) => (guestsOf.get(network) ?? 0) / share)),
  }
}
