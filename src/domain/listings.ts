import type { Account } from './account.ts'
import type { Device, Presence } from './device.ts'

/** Which part of a list: `search` is part of an id or a name, whatever the case of its ASCII letters. */
export interface PageRequest {
  readonly search?: string | undefined
  readonly offset: number
  readonly limit: number
}

/** A part of a list, and how many rows there are of which it is a part. */
export interface Page<Row> {
  readonly total: number
  readonly rows: readonly Row[]
}

/** A device with its owner's user name and whether it is connected. */
export interface DeviceWithOwner extends Device, Presence {
  readonly owner: string | null
}

/** Long lists, a page at a time, so that ten thousand rows cost no more than are asked for. Implemented by src/store. */
export interface Listings {
  /** By user name. */
  accounts(page: PageRequest): Promise<Page<Account>>
  /** By id. */
  devices(page: PageRequest): Promise<Page<DeviceWithOwner>>
}
