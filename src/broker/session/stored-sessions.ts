import type { StoredSubscription } from '../../domain/mqtt-store.ts'
import type { Principal } from '../../domain/principal.ts'
import { createSubscriptionIndex } from '../routing/subscription-index.ts'
import { derivedFilters } from './derived-filters.ts'
import type { Qos } from './session.ts'

/** The sessions that outlive their connection (clean session off), live or away: whose they are, and what they follow. */
export interface StoredSessions {
  /** Whose the session is. */
  ownerOf(clientId: string): Principal | undefined
  /** Whom it acts for while it is away, with the grants of today; nobody while it is suspended. */
  principalOf(clientId: string): Principal | undefined
  /** The client ids and owners of all of them. */
  all(): Iterable<readonly [clientId: string, owner: Principal]>
  /** Remembers whose the session is, and from now on what that principal may do; it is suspended no more. */
  keep(clientId: string, owner: Principal): void
  /** The session is wiped. */
  forget(clientId: string): void
  /** Replaces what the session follows. */
  follow(clientId: string, followed: ReadonlyMap<string, Qos>): void
  /** The exact filters that the followed ones stand for today. */
  derivedOf(clientId: string): ReadonlyMap<string, Qos>
  /** Nothing is kept any more for sessions whose owner's rights have ended, until the owner comes back. */
  suspendWhere(matches: (owner: Principal, clientId: string) => boolean): void
  /** Replaces every owner that `update` answers for. */
  updateOwners(update: (owner: Principal) => Principal | undefined): void
  /** Sessions that follow `topic` at QoS 1 or 2: what they are to be kept while they are away. */
  followersOf(topic: string): readonly Required<StoredSubscription>[]
}

interface Follower {
  readonly clientId: string
  readonly qos: Qos
}

interface StoredSession {
  owner: Principal
  suspended: boolean
  followed: ReadonlyMap<string, Qos>
  derived: ReadonlyMap<string, Qos>
  /** What stands for the session in the index, so that a message finds its QoS without a look at the filters. */
  readonly at: Readonly<Record<Qos, Follower>>
}

export function createStoredSessions(): StoredSessions {
  const stored = new Map<string, StoredSession>()
  const index = createSubscriptionIndex<Follower>()

  /** Brings the exact filters and the index in step. What is followed at QoS 0 is not kept for anybody who is away. */
  function derive(session: StoredSession): void {
    const before = session.derived
    session.derived = session.suspended ? new Map() : derivedFilters(session.owner, session.followed)
    for (const [filter, qos] of before) {
      if (qos > 0 && session.derived.get(filter) !== qos) index.remove(filter, session.at[qos])
    }
    for (const [filter, qos] of session.derived) {
      if (qos > 0 && before.get(filter) !== qos) index.add(filter, session.at[qos])
    }
  }

  return {
    ownerOf: clientId => stored.get(clientId)?.owner,
    principalOf(clientId) {
      const session = stored.get(clientId)
      return session?.suspended ? undefined : session?.owner
    },
    *all() {
      for (const [clientId, { owner }] of stored) yield [clientId, owner]
    },
    keep(clientId, owner) {
      const session = stored.get(clientId) ?? emptySession(clientId, owner)
      session.owner = owner
      session.suspended = false
      stored.set(clientId, session)
      derive(session)
    },
    forget(clientId) {
      const session = stored.get(clientId)
      if (!session) return
      session.followed = new Map()
      derive(session)
      stored.delete(clientId)
    },
    follow(clientId, followed) {
      const session = stored.get(clientId)
      if (!session) return
      session.followed = new Map(followed)
      derive(session)
    },
    derivedOf: clientId => stored.get(clientId)?.derived ?? new Map(),
    suspendWhere(matches) {
      for (const [clientId, session] of stored) {
        if (session.suspended || !matches(session.owner, clientId)) continue
        session.suspended = true
        derive(session)
      }
    },
    updateOwners(update) {
      for (const session of stored.values()) {
        const owner = update(session.owner)
        if (!owner) continue
        session.owner = owner
        derive(session)
      }
    },
    followersOf: topic => index.match(topic).map(({ clientId, qos }) => ({ clientId, topic, qos })),
  }
}

const emptySession = (clientId: string, owner: Principal): StoredSession => ({
  owner,
  suspended: false,
  followed: new Map(),
  derived: new Map(),
  at: { 0: { clientId, qos: 0 }, 1: { clientId, qos: 1 }, 2: { clientId, qos: 2 } },
})
