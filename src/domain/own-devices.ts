import type { DataOf } from '../protocol/operations.ts'
import type { Origin } from './origin.ts'

/** The devices of one account, for a person who exports their data or deletes the account. Implemented by src/registry. */
export interface OwnDevices {
  /** How many it owns. */
  owned(userId: string): Promise<number>
  /** Every device that it owns or has a grant on, as it is now. */
  exported(userId: string): Promise<DataOf<'account/export'>['devices']>
  /** Releases what it owns and ends every other membership, one after the other. Sessions follow. */
  giveUp(userId: string, by: Origin): Promise<void>
}
