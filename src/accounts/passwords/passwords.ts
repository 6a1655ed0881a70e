import { randomBytes } from 'node:crypto'
import * as nodeArgon2 from '@node-rs/argon2'
import pLimit from 'p-limit'
import { type Refusal, refuse } from '../../domain/refusal.ts'

/** Hashes and verifies password digests in a bounded pool; 4029 when too many are waiting. */
export interface Passwords {
  /** An argon2id hash in PHC form. */
  hash(digest: string): Promise<string | Refusal<4029>>
  /** Compares in constant time. Without a hash (an unknown name) it takes the same time and is false. */
  verify(hash: string | undefined, digest: string): Promise<boolean | Refusal<4029>>
  /** How many are waiting. */
  waiting(): number
}

export interface Argon2Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const owaspCost: Argon2Cost = { memoryKib: 19 * 1024, passes: 2, lanes: 1 }

export interface PasswordOptions {
  /** Hashes computed at once. */
  readonly concurrency: number
  /** Hashes that may wait. */
  readonly maxQueued: number
  readonly cost?: Argon2Cost
  readonly argon2?: Pick<typeof nodeArgon2, 'hash' | 'verify'>
}

const retryAfterSeconds = 2

export function createPasswords(options: PasswordOptions): Passwords {
  const { concurrency, maxQueued, cost = owaspCost, argon2 = nodeArgon2 } = options
  const limit = pLimit(concurrency)
  const nobody = unmatchableHash(cost)

  const inPool = <T>(work: () => Promise<T>): Promise<T | Refusal<4029>> =>
    limit.activeCount >= concurrency && limit.pendingCount >= maxQueued
      ? Promise.resolve(refuse(4029, { retryAfterSeconds }))
      : limit(work)

  return {
    hash: digest =>
      inPool(() => argon2.hash(digest, { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: cost.lanes })),
    verify: (hash, digest) => inPool(() => argon2.verify(hash ?? nobody, digest)),
    waiting: () => limit.pendingCount,
  }
}

/** A hash at `cost` that no known password matches. Verifying against it takes as long as against a real one. */
function unmatchableHash({ memoryKib, passes, lanes }: Argon2Cost): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(16)}$${base64(32)}`
}
