import type { KeptSession } from '../../domain/mqtt-state/kept-sessions.ts'
import type { Principal } from '../../domain/principal.ts'

/** The client ids with which an account or a service has sessions, live and stored; those of others are not counted. Every look-up costs the same. */
export interface OwnedSessions {
  /** The owner has a live session with this id. If it is also stored, or was taken over, it counts once. */
  opened(owner: Principal, clientId: string): void
  /** Takes back one {@link opened}. */
  closed(owner: Principal, clientId: string): void
  /** A stored session is new or has changed. */
  recorded(session: KeptSession): void
  /** A stored session is deleted. */
  forgotten(clientId: string): void
  has(owner: Principal, clientId: string): boolean
  count(owner: Principal): number
  /** The stored sessions that are away, those away longest first; since when, in milliseconds since 1970. */
  away(owner: Principal): ReadonlyMap<string, number>
}

interface Owned {
  /** How often each id is held, by live sessions and by a stored one. */
  readonly held: Map<string, number>
  /** In the order in which they went away. */
  readonly away: Map<string, number>
}

const nobodyAway: ReadonlyMap<string, number> = new Map()

/** The key by which the sessions of a principal are counted; undefined for guests and devices, which have bounds of their own. */
function ownerKey(owner: Principal): string | undefined {
  switch (owner.kind) {
    case 'user':
    case 'operator':
      return `account:${owner.userId}`
    case 'service':
      return `service:${owner.name}`
    default:
      return undefined
  }
}

export function createOwnedSessions(): OwnedSessions {
  const owners = new Map<string, Owned>()
  /** The owner of each stored session. */
  const stored = new Map<string, string>()

  function hold(key: string, clientId: string): Owned {
    const owned = owners.get(key) ?? { held: new Map(), away: new Map() }
    owners.set(key, owned)
    owned.held.set(clientId, (owned.held.get(clientId) ?? 0) + 1)
    return owned
  }

  function release(key: string, clientId: string): void {
    const owned = owners.get(key)
    if (!owned) return
    const left = (owned.held.get(clientId) ?? 0) - 1
    if (left > 0) owned.held.set(clientId, left)
    else owned.held.delete(clientId)
    if (owned.held.size === 0) owners.delete(key)
  }

  function forgotten(clientId: string): void {
    const key = stored.get(clientId)
    if (key === undefined) return
    stored.delete(clientId)
    owners.get(key)?.away.delete(clientId)
    release(key, clientId)
  }

  const ownedBy = (owner: Principal): Owned | undefined => owners.get(ownerKey(owner) ?? '')

  return {
    opened(owner, clientId) {
      const key = ownerKey(owner)
      if (key !== undefined) hold(key, clientId)
    },
    closed(owner, clientId) {
      const key = ownerKey(owner)
      if (key !== undefined) release(key, clientId)
    },
    recorded({ clientId, owner, awaySinceMs }) {
      const key = ownerKey(owner)
      if (stored.get(clientId) !== key) forgotten(clientId)
      if (key === undefined) return
      const isNew = !stored.has(clientId)
      stored.set(clientId, key)
      const owned = isNew ? hold(key, clientId) : owners.get(key)
      if (awaySinceMs === undefined) owned?.away.delete(clientId)
      else owned?.away.set(clientId, awaySinceMs)
    },
    forgotten,
    has: (owner, clientId) => ownedBy(owner)?.held.has(clientId) === true,
    count: owner => ownedBy(owner)?.held.size ?? 0,
    away: owner => ownedBy(owner)?.away ?? nobodyAway,
  }
}
