import type { DataOf } from '../protocol/operations.ts'
import type { Origin } from './origin.ts'

/** The devices of one account, for a person who exports their data or deletes the account. Implemented by src/registry. */
export interface OwnDevices {
  /** How many it owns. */
  owned(userId: string): Promise<number>
  /** Every device it owns or was given, as it is now. */
  exported(userId: string): Promise<DataOf<'account/export'>['devices']>
  /** Releases what it owns and ends every other membership, one after the other. Sessions are told. */
  giveUp(userId: string, by: Origin): Promise<void>
}
