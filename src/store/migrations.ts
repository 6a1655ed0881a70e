import type { Migration } from 'kysely'
import { accounts } from './migrations/0001-accounts.ts'
import { devices } from './migrations/0002-devices.ts'
import { enrollment } from './migrations/0004-enrollment.ts'

/** Every step of the database's shape, run in order of name, each once, forward only. A released one is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-devices': devices,
  '0004-enrollment': enrollment,
}
