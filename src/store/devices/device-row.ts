import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Device, DeviceCredentials } from '../../domain/device.ts'
import type { Tables } from '../tables.ts'

/** The columns of `device` that make a {@link Device}: never its secrets. */
export const deviceColumns = ['id', 'type', 'name', 'disabled', 'created_at_ms'] as const

/** Turns a row of {@link deviceColumns} into a {@link Device}. */
export const parseDevice = (row: Pick<Tables['device'], (typeof deviceColumns)[number]>): Device => ({
  id: row.id,
  type: row.type,
  name: row.name,
  disabled: row.disabled !== 0,
  createdAtMs: row.created_at_ms,
})

/** Inserts a device. False, with nothing changed, when the id is taken. */
export async function insertDevice(
  db: Kysely<Tables>,
  device: Device,
  { secretHash, claimHash }: DeviceCredentials,
): Promise<boolean> {
  const created = await db
    .insertInto('device')
    .values({
      id: device.id,
      type: device.type,
      name: device.name,
      disabled: Number(device.disabled),
      secret_hash: secretHash,
      claim_hash: claimHash,
      label_hash: claimHash,
      created_at_ms: device.createdAtMs,
      tenure: newTenure(),
    })
    .onConflict(conflict => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return created !== undefined
}

/** The columns of a new claim code, or of none: an older code is void, and the new one is that of the label. */
export const codeColumns = (claimHash: string | null) => ({
  claim_hash: claimHash,
  claim_until_ms: null,
  ...(claimHash !== null && { label_hash: claimHash }),
})

/** The hash of the claim code that is valid at `nowMs`; null when there is none. */
export const validClaimHash = (
  { claim_hash, claim_until_ms }: Pick<Tables['device'], 'claim_hash' | 'claim_until_ms'>,
  nowMs: number,
): string | null => (claim_until_ms !== null && claim_until_ms <= nowMs ? null : claim_hash)

/** A new name of a tenure, unique over all devices. */
export const newTenure = (): string => randomBytes(12).toString('base64url')
