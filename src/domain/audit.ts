import type { AuditKind, AuditRow } from '../protocol/operations/audit.ts'
import type { PrincipalKind } from './principal.ts'

export const auditTargetKinds = ['user', 'device', 'client', 'token', 'service', 'product', 'address', 'key'] as const

/** Whom or what it was done to. */
export interface AuditTarget {
  readonly kind: (typeof auditTargetKinds)[number]
  readonly id: string
}

/** What somebody did that belongs on record. Never a secret. */
export interface Deed {
  readonly kind: AuditKind
  readonly target?: AuditTarget
  /** One more detail: a role, a code, a reason. */
  readonly detail?: string
}

/**
 * Who did it: a principal, or the user that ran a command on the machine. `id` is that of an account, a device or a service, or the user's name on the
 * machine.
 */
export interface AuditActor {
  readonly kind: PrincipalKind | 'cli'
  /** Empty for a guest. */
  readonly id: string
}

/** An entry before it is on record. */
export interface NewAuditEntry extends Deed {
  readonly atMs: number
  readonly actor: AuditActor
  /** Empty when it did not come over a connection. */
  readonly clientId: string
  readonly address: string
}

/** An entry as it is on record, with the names that accounts have today. */
export interface AuditEntry extends NewAuditEntry {
  /** Grows with every entry. */
  readonly id: number
  readonly actorName?: string
  readonly targetName?: string
}

/** Which entries: those that meet all the given conditions. */
export interface AuditQuery {
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  /** A user name, or the id of an account, device, service, token or client: what it did, and what was done to it, as a member too. */
  readonly who?: string | undefined
  readonly kind?: AuditKind | undefined
  /** Only entries on this side of that id: before it, newest first; or after it, oldest first. */
  readonly beforeId?: number | undefined
  readonly afterId?: number | undefined
  readonly limit: number
}

/**
 * The audit trail. Entries are never changed, and deleted by age. Those of others than operators and commands are also deleted by number, so that nothing
 * that users or strangers do pushes out what operators did. Implemented by src/store.
 */
export interface AuditStore {
  /** All of them, or none, in one transaction. */
  append(entries: readonly NewAuditEntry[]): Promise<void>
  /** Newest first, unless `afterId` is given. */
  query(query: AuditQuery): Promise<AuditEntry[]>
  /**
   * Removes at most `atMost` entries: those from before `beforeMs`, and the oldest beyond `maxRows` of others than operators and commands. True when there
   * may be more.
   */
  prune(bounds: { readonly beforeMs: number; readonly maxRows: number }, atMost: number): Promise<boolean>
}

/** An entry as it is shown and exported. */
export function auditRow(entry: AuditEntry): AuditRow {
  const { id, atMs, kind, actor, actorName, clientId, address, target, targetName, detail } = entry
  return {
    id,
    at: atMs,
    kind,
    by: named(actor),
    ...(actorName !== undefined && { byName: actorName }),
    ...(clientId !== '' && { clientId }),
    ...(address !== '' && { address }),
    ...(target && { target: named(target) }),
    ...(targetName !== undefined && { targetName }),
    ...(detail !== undefined && { detail }),
  }
}

const named = ({ kind, id }: AuditActor | AuditTarget): string => (id === '' ? kind : `${kind}:${id}`)
