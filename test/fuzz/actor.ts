/** Whom a fuzzed connection comes as, and the names that mean something to it. */
export interface Actor {
  readonly kind: 'guest' | 'user' | 'operator' | 'device'
  readonly username?: string
  readonly password?: string
  /** Client ids that it uses again and again, so that sessions are taken over and come back. */
  readonly clientIds: readonly string[]
  /** Devices: its own, others' and unknown ones. */
  readonly deviceIds: readonly string[]
}
