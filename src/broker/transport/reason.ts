/** Why something is refused or ended: what the log says, for a version of MQTT that can tell it. */
export interface Reason {
  /** A name that the log has too: a rule of the policy, or why a connection ends. */
  readonly rule: string
  /** Of docs/protocol.md, where there is one. */
  readonly code?: number
  /** In the client's language. */
  readonly text?: string
}
