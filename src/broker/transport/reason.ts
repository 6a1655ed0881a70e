/** Why something is refused or ended, as the log says it; for a version of MQTT that can tell the client. */
export interface Reason {
  /** The name that the log has: a rule of the policy, or why a connection ends. */
  readonly rule: string
  /** The reply code of docs/protocol.md, when there is one. */
  readonly code?: number
  /** In the client's language. */
  readonly text?: string
}
