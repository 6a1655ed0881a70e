import type { Message } from '../message.ts'
import type { Principal } from '../principal.ts'

/** A will, and for whom it was left. */
export interface KeptWill {
  readonly clientId: string
  readonly owner?: Principal
  readonly message: Message
}

/** The wills of open connections; those of a process that died are still there. */
export interface KeptWills {
  /** Every will that this process owns. Rejects with a fault of the store. */
  all(): Promise<readonly KeptWill[]>
}
