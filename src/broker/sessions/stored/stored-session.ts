import { type Principal, principalName, tokenOf } from '../../../domain/principal.ts'
import { Reader } from '../reader.ts'
import type { SessionReader } from '../session.ts'

/** What is known of a stored session. */
export interface StoredSession {
  owner: Principal
  wasThere: boolean
  suspended: boolean
  /** True when its record is out of date. */
  isNews: boolean
  /** True when it was never on record: what is there under its client id is another's. */
  isNew: boolean
  /** Settles when its beginning is kept. */
  beginning: Promise<boolean>
  awaySinceMs: number | undefined
  expirySeconds: number
  readonly reader: SessionReader
}

/** Whether a session is away for as long as it may, which is no longer than `mostSeconds`. */
export const hasExpired = (
  { awaySinceMs, expirySeconds }: Pick<StoredSession, 'awaySinceMs' | 'expirySeconds'>,
  nowMs: number,
  mostSeconds: number,
): boolean => awaySinceMs !== undefined && nowMs - awaySinceMs > Math.min(expirySeconds, mostSeconds) * 1000

/** The part of an owner that is kept. */
export const recordOf = (owner: Principal): string => `${principalName(owner)} ${tokenOf(owner)?.id ?? ''}`

export const emptySession = (clientId: string, owner: Principal): StoredSession => ({
  owner,
  wasThere: false,
  suspended: false,
  isNews: false,
  isNew: true,
  beginning: Promise.resolve(true),
  awaySinceMs: undefined,
  expirySeconds: Number.POSITIVE_INFINITY,
  reader: new Reader(clientId, true),
})
