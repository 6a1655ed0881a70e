/** What one connection may cost. Filled from the configuration; see docs/configuration.md for the defaults. */
export interface BrokerLimits {
  /** Largest packet before and after CONNECT was accepted, in bytes after the fixed header. */
  readonly maxConnectPacketBytes: number
  readonly maxPacketBytes: number
  /** Largest payload on a device's topics. */
  readonly maxEventBytes: number
  /** What may wait for a reader: beyond it QoS 0 is dropped, QoS 1 and 2 close the session. */
  readonly maxBufferedBytes: number
  /** What one client may send; a faster one is read slower. */
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  /** From the socket's opening to CONNACK. */
  readonly connectTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly filtersPerSession: number
  /** Of them, wildcards that a user follows its devices by. */
  readonly followedPerSession: number
  readonly filtersPerPacket: number
  readonly refusedPublishesPerMinute: number
  /** A request not answered by then is answered 5000. */
  readonly requestTimeoutMs: number
  readonly guest: {
    /** Closed after so long without a request. */
    readonly idleSeconds: number
    /** Closed after so long in any case. */
    readonly maxSeconds: number
    readonly perAddress: number
  }
}
