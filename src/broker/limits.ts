import type { RequestLimitOptions } from './requests/request-limits.ts'
import type { SessionLimits } from './sessions/session-bounds.ts'

/** What one connection may cost. Filled from the configuration; see docs/configuration.md for the defaults. */
export interface BrokerLimits extends RequestLimitOptions, SessionLimits {
  /** Largest packet before and after CONNECT was accepted, in bytes after the fixed header. */
  readonly maxConnectPacketBytes: number
  readonly maxPacketBytes: number
  /** Largest payload on a device's topics. */
  readonly maxEventBytes: number
  /** What may wait for a reader: beyond it QoS 0 is dropped, QoS 1 and 2 close the session. */
  readonly maxBufferedBytes: number
  /** What one client may send; a faster one is read slower, and closed after so long without a rest. */
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  readonly maxSlowedSeconds: number
  /** From the socket's opening to CONNACK. */
  readonly connectTimeoutMs: number
  /** A reader that is over the bound for so long, and takes nothing meanwhile, is closed. */
  readonly drainTimeoutMs: number
  /** After so long without a word a peer is asked whether it is still there. */
  readonly pingSeconds: number
  /** Topic filters of a session; of one SUBSCRIBE; and the lower bounds for all but integrations. */
  readonly filtersPerSession: number
  readonly filtersPerPacket: number
  readonly filtersPerSessionOfOthers: number
  readonly filtersPerPacketOfOthers: number
  /** Of them, wildcards that a user follows its devices by. */
  readonly followedPerSession: number
  readonly refusedPublishesPerMinute: number
  readonly refusedSubscribesPerMinute: number
  /** Messages at QoS 2 that one client may have begun and not released, whatever connections it used. */
  readonly qos2Window: number
  /** A stored session that nobody came back to for so long is forgotten. */
  readonly sessionExpirySeconds: number
  /** A request not answered by then is answered 5000. */
  readonly requestTimeoutMs: number
  readonly guest: {
    /** Closed after so long without a request. */
    readonly idleSeconds: number
    /** Closed after so long in any case. */
    readonly maxSeconds: number
    readonly perAddress: number
    /** In all. */
    readonly connections: number
  }
}
