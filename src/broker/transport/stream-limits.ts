import type { PaceLimits } from './pace.ts'
import type { FilterLimits } from './packets/incoming-packets.ts'

/** What one connection may send, and what may wait for it. */
export interface StreamLimits extends PaceLimits {
  /** Largest packet in bytes, until `raiseLimit`. */
  readonly maxPacketBytes: number
  /** What may wait for the peer before `isFull`. */
  readonly maxPendingBytes: number
  /** A peer that is full for this long, and takes nothing meanwhile, is stuck. */
  readonly drainTimeoutMs: number
}

/** What a packet may hold from the client's admission on. */
export interface AdmittedLimits {
  readonly maxPacketBytes: number
  readonly filters: FilterLimits
}
