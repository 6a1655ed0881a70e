import { isJsonObject } from '../../../src/protocol/json.ts'
import type { Storage } from './platform.ts'

/** Why nobody is signed in, when it takes a tap to change that. */
export type SignedOutBecause = 'logged-out' | 'revoked'

/** Who is signed in on this phone, kept for the next start. */
export interface KeptSignIn {
  readonly token: string | undefined
  readonly signedOutBecause: SignedOutBecause | undefined
  keep(token: string, expiresAtMs: number): void
  /** The token's `exp`, in milliseconds since 1970; 0 without a token. */
  readonly expiresAtMs: number
  /** Forgets the token; with a reason, the next start does not sign in by itself. */
  forget(because?: SignedOutBecause): void
}

interface Kept {
  readonly token?: string
  readonly expiresAtMs?: number
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
      return kept.expiresAtMs ?? 0
    },
    keep: (token, expiresAtMs) => put({ token, expiresAtMs }),
    forget: because => put(because ? { because } : {}),
  }
}

function parseKept(text: string | undefined): Kept {
  try {
    const stored: unknown = text === undefined ? {} : JSON.parse(text)
    if (!isJsonObject(stored)) return {}
    const { token, expiresAtMs, because } = stored
    if (because === 'logged-out' || because === 'revoked') return { because }
    return typeof token === 'string' && typeof expiresAtMs === 'number' ? { token, expiresAtMs } : {}
  } catch {
    return {}
  }
}
