import type { Account } from './account.ts'
import type { Device, Presence } from './device.ts'

/** Selects a part of a list: rows whose id or name contains `search`, whatever the case of its ASCII letters. */
export interface PageRequest {
  readonly search?: string | undefined
  readonly offset: number
  readonly limit: number
}

/** A part of a list, and how many rows match in all. */
export interface Page<Row> {
  readonly total: number
  readonly rows: readonly Row[]
}

/** A device with its owner's user name and whether it is connected. */
export interface DeviceWithOwner extends Device, Presence {
  readonly owner: string | null
}

/** Long lists, a page at a time, so that a list of ten thousand rows costs only the rows that are asked for. Implemented by src/store. */
export interface Listings {
  /** Ordered by user name. */
  accounts(page: PageRequest): Promise<Page<Account>>
  /** Ordered by id. */
  devices(page: PageRequest): Promise<Page<DeviceWithOwner>>
}
