import type { AccountWithHash } from '../../../src/domain/account.ts'
import type { Device } from '../../../src/domain/device.ts'

export const account = (id: string, more: Partial<AccountWithHash> = {}): AccountWithHash => ({
  id,
  username: `name of ${id}`,
  role: 'user',
  disabled: false,
  createdAtMs: 1_600_000_000_000,
  passwordHash: `hash of ${id}`,
  ...more,
})

export const device = (id: string, more: Partial<Device> = {}): Device => ({
  id,
  type: 'lamp',
  name: `name of ${id}`,
  disabled: false,
  createdAtMs: 1_600_000_000_000,
  ...more,
})
