import type { RequestLimitOptions } from './requests/request-limits.ts'
import type { SessionLimits } from './sessions/session-bounds.ts'

/** What one connection may cost. Filled from the configuration; see docs/configuration.md for the defaults. */
export interface BrokerLimits extends RequestLimitOptions, SessionLimits {
  /** Largest packet before and after CONNECT was accepted, in bytes after the fixed header. */
  readonly maxConnectPacketBytes: number
  readonly maxPacketBytes: number
  /** Largest payload on a device's topics. */
  readonly maxEventBytes: number
  /** What may wait for a reader: beyond it messages at QoS 0 are dropped, and a clean session at QoS 1 and 2 is closed. */
  readonly maxBufferedBytes: number
  /** What one client may send. A faster one is read more slowly, and closed after `maxSlowedSeconds` without a rest. */
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  readonly maxSlowedSeconds: number
  /** From the opening of the socket to CONNACK. */
  readonly connectTimeoutMs: number
  /** A reader that is over the bound for this long, and takes nothing meanwhile, is closed. */
  readonly drainTimeoutMs: number
  /** A peer that has been silent for this long is asked whether it is still there. */
  readonly pingSeconds: number
  /** Topic filters of a session and of one SUBSCRIBE; and the lower bounds for all but integrations. */
  readonly filtersPerSession: number
  readonly filtersPerPacket: number
  readonly filtersPerSessionOfOthers: number
  readonly filtersPerPacketOfOthers: number
  /** How many of them may be followed wildcards over a user's devices. */
  readonly followedPerSession: number
  readonly refusedPublishesPerMinute: number
  readonly refusedSubscribesPerMinute: number
  /** Messages at QoS 2 that one client may have begun and not released, over all its connections. */
  readonly qos2Window: number
  /** A stored session that has been away for this long is deleted. */
  readonly sessionExpirySeconds: number
  /** A request that is not answered by then is answered 5000. */
  readonly requestTimeoutMs: number
  readonly guest: {
    /** A guest is closed after this long without a request. */
    readonly idleSeconds: number
    /** A guest is closed after this long in any case. */
    readonly maxSeconds: number
    readonly perAddress: number
    /** From all addresses together. */
    readonly connections: number
  }
}
