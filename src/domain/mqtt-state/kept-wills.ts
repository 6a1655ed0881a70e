import type { Message } from '../message.ts'
import type { Principal } from '../principal.ts'

/** A will, and for whom it is kept. */
export interface KeptWill {
  readonly clientId: string
  readonly owner?: Principal
  readonly message: Message
  /** So long after its connection has ended it is due; missing: at once. */
  readonly delaySeconds?: number
  /** So long after it was sent it is of no use any more; missing: never. */
  readonly expirySeconds?: number
  /** When it is due, in milliseconds since 1970: its connection has ended. */
  readonly dueAtMs?: number
}

/** The wills of open connections, and those of a process that died. */
export interface KeptWills {
  /** Every will that this process owns. Rejects with a fault of the store. */
  all(): Promise<readonly KeptWill[]>
}
