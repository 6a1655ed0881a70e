import { isJsonObject } from '../../../src/protocol/json.ts'
import type { Storage } from './platform.ts'

/** Why nobody is signed in, when it takes a tap to change that. */
export type SignedOutBecause = 'logged-out' | 'revoked'

/** Who is signed in on this phone, kept for the next start. */
export interface KeptSignIn {
  readonly token: string | undefined
  readonly signedOutBecause: SignedOutBecause | undefined
  /** `aheadMs`: how far this phone's clock is ahead of the broker's. */
  keep(token: string, expiresAtMs: number, aheadMs: number): void
  /** The token's `exp` by this phone's clock, in milliseconds since 1970; 0 without a token. */
  readonly expiresAtMs: number
  /** The same as it was stored; 0 without a token. */
  readonly aheadMs: number
  /** Forgets the token; with a reason, the next start does not sign in by itself. */
  forget(because?: SignedOutBecause): void
}

interface Kept {
  readonly token?: string
  /** By the broker's clock. */
  readonly expiresAtMs?: number
  readonly aheadMs?: number
  readonly because?: SignedOutBecause
}

const key = 'sign-in'

/** Reads `storage` once. What is stored and cannot be read counts as nothing. */
export function createKeptSignIn(storage: Storage): KeptSignIn {
  let kept = parseKept(storage.get(key))

  function put(next: Kept): void {
    kept = next
    if (Object.keys(next).length === 0) storage.remove(key)
    else storage.set(key, JSON.stringify(next))
  }

  return {
    get token() {
      return kept.token
    },
    get signedOutBecause() {
      return kept.because
    },
    get expiresAtMs() {
      return (kept.expiresAtMs ?? 0) + (kept.aheadMs ?? 0)
    },
    get aheadMs() {
      return kept.aheadMs ?? 0
    },
    keep: (token, expiresAtMs, aheadMs) => put({ token, expiresAtMs, aheadMs }),
    forget: because => put(because ? { because } : {}),
  }
}

function parseKept(text: string | undefined): Kept {
  try {
    const stored: unknown = text === undefined ? {} : JSON.parse(text)
    if (!isJsonObject(stored)) return {}
    const { token, expiresAtMs, aheadMs = 0, because } = stored
    if (because === 'logged-out' || because === 'revoked') return { because }
    if (typeof token !== 'string' || typeof expiresAtMs !== 'number') return {}
    return { token, expiresAtMs, aheadMs: typeof aheadMs === 'number' ? aheadMs : 0 }
  } catch {
    return {}
  }
}
