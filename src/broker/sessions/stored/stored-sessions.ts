import type { LeftSession } from '../../../domain/mqtt-state/kept-sessions.ts'
import type { StoredSession as ListedSession } from '../../../domain/open-sessions.ts'
import type { Principal } from '../../../domain/principal.ts'
import { inTurns } from '../../../turns/in-turns.ts'
import { followedFilterOf } from '../following/followed-topic.ts'
import { rederive, standingFor } from '../following/following.ts'
import type { IndexedSubscriptions, SessionReader } from '../session.ts'
import type { SessionRecords } from './stored-records.ts'
import { emptySession, hasExpired, recordOf, type StoredSession } from './stored-session.ts'

/** The sessions that outlive their connection (clean session off), connected or away: their owners and their readers. */
export interface StoredSessions {
  /** The owner of the session. */
  ownerOf(clientId: string): Principal | undefined
  /** For whom it acts while it is away, with the grants of today; undefined while it is suspended. */
  principalOf(clientId: string): Principal | undefined
  /** The client ids and owners of all of them. */
  all(): Iterable<readonly [clientId: string, owner: Principal]>
  /** Each as operators see it, except whether it is connected. */
  listed(): Iterable<Omit<ListedSession, 'connected'>>
  /** How many of them are away. */
  countAway(isConnected: (clientId: string) => boolean): number
  /** The reader of the session. */
  readerOf(clientId: string): SessionReader | undefined
  /** Remembers the owner of the session and what that principal may do from now on; the session is not suspended any more. */
  keep(clientId: string, owner: Principal): SessionReader
  /**
   * Resolves when the session is on record, whatever has changed since. Rejects when it could not be kept; that is tried again when the session is kept the
   * next time.
   */
  recorded(clientId: string): Promise<void>
  /** For how long the session outlives its connection from now on; infinite: as long as the settings allow. */
  setExpiry(clientId: string, expirySeconds: number): void
  /** The session has a connection again. */
  cameBack(clientId: string): void
  /** The session has no connection any more; nothing changes for one that was away already. */
  left(clientId: string, atMs: number): void
  /** The sessions that have been away for as long as they may be, at most `mostSeconds`. */
  expired(nowMs: number, mostSeconds: number): Iterable<AwaySession>
  /** For how long the session outlives its connection; infinite: as long as the settings allow; undefined when it is not stored. */
  expiryOf(clientId: string): number | undefined
  /** Calls `listener` with the client id of every session that is forgotten. */
  whenForgotten(listener: (clientId: string) => void): void
  /** Whether this session has expired. */
  isExpired(clientId: string, nowMs: number, mostSeconds: number): boolean
  /** Takes up a session that an earlier broker has kept, with its owner as it stands today. */
  restore(session: LeftSession): void
  /** Whether the session was there before; asked once by each of its connections, when it opens. */
  isComingBack(clientId: string): boolean
  /**
   * Deletes the session. False when that could not be kept: then it is there again after a restart, unless a next session with its id begins before, which
   * deletes it.
   */
  forget(clientId: string): Promise<boolean>
  /**
   * Suspends the sessions whose owner's rights have ended: from now on nothing is queued for them, until the owner comes back. That is put on record over
   * as many turns as needed, the first of which began at `startedAtMs`.
   */
  suspendWhere(matches: (owner: Principal) => boolean, startedAtMs: number): void
  /** The same for one of them. */
  suspend(clientId: string): void
  /** Replaces every owner for whom `update` returns another, at once; what they follow is derived afterwards, over as many turns as needed. */
  updateOwners(update: (owner: Principal) => Principal | undefined): void
}

/** A session without a connection. */
export interface AwaySession {
  readonly clientId: string
  readonly owner: Principal
  readonly awaySinceMs: number
}

/** Starts without any. `records` is told of every change of an owner. */
export function createStoredSessions(records: SessionRecords, index: IndexedSubscriptions): StoredSessions {
  const stored = new Map<string, StoredSession>()
  const forgottenListeners: ((clientId: string) => void)[] = []

  /** Only for a session that is away. A connected one is aligned, which also sends retained messages. */
  function derive({ reader, suspended, owner }: StoredSession): void {
    if (!reader.session) rederive(index, reader, suspended ? undefined : owner)
  }

  /** Sessions whose owner or rights have changed, and whose filters must be derived again: once, however often that was. */
  const due = new Set<string>()
  let isDeriving = false

  function* takeDue(): Iterable<string> {
    for (const clientId of due) {
      due.delete(clientId)
      yield clientId
    }
  }

  function deriveDue(startedAtMs: number): void {
    if (isDeriving) return
    isDeriving = true
    const deriveOne = (clientId: string) => {
      const session = stored.get(clientId)
      if (!session) return
      derive(session)
      if (session.isNews) record(clientId, session)
    }
    void inTurns(takeDue(), deriveOne, startedAtMs).finally(() => {
      isDeriving = false
    })
  }

  function suspend(clientId: string, session: StoredSession): void {
    if (session.suspended) return
    session.suspended = true
    session.isNews = true
    due.add(clientId)
  }

  function record(clientId: string, session: StoredSession): void {
    const { owner, suspended, awaySinceMs, isNew, expirySeconds } = session
    const record = {
      clientId,
      owner,
      suspended,
      ...(awaySinceMs !== undefined && { awaySinceMs }),
      ...(Number.isFinite(expirySeconds) && { expirySeconds }),
    }
    session.isNews = false
    session.isNew = false
    const recording = (isNew ? records.begin(record) : records.keep(record)).then(isKept => {
      session.isNews ||= !isKept
      session.isNew ||= isNew && !isKept
      return isKept
    })
    if (isNew) session.beginning = recording
  }

  return {
    ownerOf: clientId => stored.get(clientId)?.owner,
    readerOf: clientId => stored.get(clientId)?.reader,
    principalOf(clientId) {
      const session = stored.get(clientId)
      return session?.suspended ? undefined : session?.owner
    },
    *all() {
      for (const [clientId, { owner }] of stored) yield [clientId, owner]
    },
    *listed() {
      for (const [clientId, { owner, suspended, awaySinceMs, reader }] of stored) {
        const filters = reader.asked.size + reader.followed.size
        yield { clientId, owner, suspended, filters, ...(awaySinceMs !== undefined && { awaySinceMs }) }
      }
    },
    countAway(isConnected) {
      let away = 0
      for (const clientId of stored.keys()) if (!isConnected(clientId)) away++
      return away
    },
    keep(clientId, owner) {
      const known = stored.get(clientId)
      const session = known ?? emptySession(clientId, owner)
      const isNews = session.isNew || session.isNews || session.suspended || recordOf(session.owner) !== recordOf(owner)
      session.owner = owner
      session.suspended = false
      stored.set(clientId, session)
      derive(session)
      if (isNews) record(clientId, session)
      return session.reader
    },
    async recorded(clientId) {
      if ((await stored.get(clientId)?.beginning) === false) throw new Error('the session could not be kept')
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
      derive(session) // it may have been suspended, or its owner changed, while its connection was being closed
      session.awaySinceMs = atMs
      record(clientId, session)
    },
    setExpiry(clientId, expirySeconds) {
      const session = stored.get(clientId)
      if (!session || session.expirySeconds === expirySeconds) return
      session.expirySeconds = expirySeconds
      record(clientId, session)
    },
    *expired(nowMs, mostSeconds) {
      for (const [clientId, session] of stored) {
        const { owner, awaySinceMs } = session
        if (awaySinceMs !== undefined && hasExpired(session, nowMs, mostSeconds)) yield { clientId, owner, awaySinceMs }
      }
    },
    expiryOf: clientId => stored.get(clientId)?.expirySeconds,
    whenForgotten: listener => void forgottenListeners.push(listener),
    isExpired(clientId, nowMs, mostSeconds) {
      const session = stored.get(clientId)
      return session !== undefined && hasExpired(session, nowMs, mostSeconds)
    },
    restore({ clientId, owner, suspended, awaySinceMs, expirySeconds, subscriptions, begun }) {
      const session = {
        ...emptySession(clientId, owner),
        wasThere: true,
        isNew: false,
        suspended,
        awaySinceMs,
        ...(expirySeconds !== undefined && { expirySeconds }),
      }
      stored.set(clientId, session)
      const { reader } = session
      for (const messageId of begun) reader.incoming.restore(messageId)
      const unfedFollowed: string[] = []
      for (const { topic, unfedAfter, ...options } of subscriptions) {
        const followed = followedFilterOf(topic)
        const subscription = { reader, filter: followed ?? topic, ...options }
        reader.hasIdentifiers ||= options.identifier !== undefined
        if (followed !== undefined) {
          reader.followed.set(followed, subscription)
          if (unfedAfter !== undefined) unfedFollowed.push(followed)
        } else {
          reader.asked.set(topic, subscription)
          index.add(subscription)
          if (unfedAfter !== undefined) reader.unfed.add({ subscription, after: unfedAfter })
        }
      }
      derive(session)
      for (const subscription of standingFor(reader, owner, unfedFollowed))
        reader.unfed.add({ subscription, after: '' })
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
      if (!session) return Promise.resolve(true)
      const { asked, followed, derived, unfed } = session.reader
      index.removeOver([...asked.values(), ...derived.values()])
      for (const filters of [asked, followed, derived, unfed]) filters.clear()
      stored.delete(clientId)
      for (const listener of forgottenListeners) listener(clientId)
      return records.forget(clientId)
    },
    suspendWhere(matches, startedAtMs) {
      for (const [clientId, session] of stored) if (matches(session.owner)) suspend(clientId, session)
      deriveDue(startedAtMs)
    },
    suspend(clientId) {
      const session = stored.get(clientId)
      if (session) suspend(clientId, session)
      deriveDue(performance.now())
    },
    updateOwners(update) {
      const startedAtMs = performance.now()
      for (const [clientId, session] of stored) {
        const owner = update(session.owner)
        if (!owner) continue
        session.owner = owner
        due.add(clientId)
      }
      deriveDue(startedAtMs)
    },
  }
}
