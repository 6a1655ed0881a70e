import type { Message } from '../message.ts'
import type { Principal } from '../principal.ts'

/** A will, and for whom it is kept. */
export interface KeptWill {
  readonly clientId: string
  readonly owner?: Principal
  readonly message: Message
}

/** The wills of open connections, and those of a process that died. */
export interface KeptWills {
  /** Every will that this process owns. Rejects with a fault of the store. */
  all(): Promise<readonly KeptWill[]>
}
