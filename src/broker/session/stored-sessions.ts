import type { KeptSession, StoredSubscription } from '../../domain/mqtt-store.ts'
import { type Principal, principalName, tokenOf } from '../../domain/principal.ts'
import { createSubscriptionIndex } from '../../domain/subscription-index.ts'
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
  /** How many of them are away. */
  countAway(isConnected: (clientId: string) => boolean): number
  /** Remembers whose the session is, and from now on what that principal may do; it is suspended no more. */
  keep(clientId: string, owner: Principal): void
  /** The session has a connection again. */
  cameBack(clientId: string): void
  /** The session has no connection any more; nothing changes for one that was away already. */
  left(clientId: string, atMs: number): void
  /** The sessions that are away since before `beforeMs`. */
  awaySince(beforeMs: number): Iterable<AwaySession>
  /** Takes up a session that an earlier broker has kept, with its owner as it stands today. */
  restore(session: KeptSession, followed: ReadonlyMap<string, Qos>): void
  /** Whether the session was there before; asked once by each of its connections, when it opens. */
  isComingBack(clientId: string): boolean
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

/** A session without a connection. */
export interface AwaySession {
  readonly clientId: string
  readonly owner: Principal
  readonly awaySinceMs: number
}

interface Follower {
  readonly clientId: string
  readonly qos: Qos
}

/** Keeps the sessions themselves; see `MqttStore`. */
export interface SessionRecords {
  keep(session: KeptSession): void
  forget(clientId: string): void
}

interface StoredSession {
  owner: Principal
  wasThere: boolean
  suspended: boolean
  awaySinceMs: number | undefined
  followed: ReadonlyMap<string, Qos>
  derived: ReadonlyMap<string, Qos>
  /** What stands for the session in the index, so that a message finds its QoS without a look at the filters. */
  readonly at: Readonly<Record<Qos, Follower>>
}

/** Starts without any. Whatever changes of whose sessions are is given to `records`. */
export function createStoredSessions(records: SessionRecords): StoredSessions {
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

  const record = (clientId: string, { owner, suspended, awaySinceMs }: StoredSession): void =>
    records.keep({ clientId, owner, suspended, ...(awaySinceMs !== undefined && { awaySinceMs }) })

  return {
    ownerOf: clientId => stored.get(clientId)?.owner,
    principalOf(clientId) {
      const session = stored.get(clientId)
      return session?.suspended ? undefined : session?.owner
    },
    *all() {
      for (const [clientId, { owner }] of stored) yield [clientId, owner]
    },
    countAway(isConnected) {
      let away = 0
      for (const clientId of stored.keys()) if (!isConnected(clientId)) away++
      return away
    },
    keep(clientId, owner) {
      const known = stored.get(clientId)
      const isNews = !known || known.suspended || recordOf(known.owner) !== recordOf(owner)
      const session = known ?? emptySession(clientId, owner)
      session.owner = owner
      session.suspended = false
      stored.set(clientId, session)
      derive(session)
      if (isNews) record(clientId, session)
    },
    cameBack(clientId) {
      const session = stored.get(clientId)
      if (session?.awaySinceMs === undefined) return
      session.awaySinceMs = undefined
      record(clientId, session)
    },
    left(clientId, atMs) {
      const session = stored.get(clientId)
      if (!session || session.awaySinceMs !== undefined) return
      session.awaySinceMs = atMs
      record(clientId, session)
    },
    *awaySince(beforeMs) {
      for (const [clientId, { owner, awaySinceMs }] of stored)
        if (awaySinceMs !== undefined && awaySinceMs < beforeMs) yield { clientId, owner, awaySinceMs }
    },
    restore({ clientId, owner, suspended, awaySinceMs }, followed) {
      const session = { ...emptySession(clientId, owner), wasThere: true, suspended, awaySinceMs, followed }
      stored.set(clientId, session)
      derive(session)
    },
    isComingBack(clientId) {
      const session = stored.get(clientId)
      if (!session) return false
      const { wasThere } = session
      session.wasThere = true
      return wasThere
    },
    forget(clientId) {
      const session = stored.get(clientId)
      if (!session) return
      records.forget(clientId)
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
        record(clientId, session)
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

/** What of an owner is kept. */
const recordOf = (owner: Principal): string => `${principalName(owner)} ${tokenOf(owner)?.id ?? ''}`

const emptySession = (clientId: string, owner: Principal): StoredSession => ({
  owner,
  wasThere: false,
  suspended: false,
  awaySinceMs: undefined,
  followed: new Map(),
  derived: new Map(),
  at: { 0: { clientId, qos: 0 }, 1: { clientId, qos: 1 }, 2: { clientId, qos: 2 } },
})
