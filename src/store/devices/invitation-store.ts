import type { Kysely, Transaction } from 'kysely'
import * as z from 'zod/mini'
import { type InvitationStore, invitationIdOf, type OpenInvitation } from '../../domain/invitation.ts'
import type { Clock } from '../../domain/request.ts'
import { type DeviceRole, deviceRoles } from '../../protocol/operations/device.ts'
import type { Tables } from '../tables.ts'
import { deviceColumns, parseDevice } from './device-row.ts'
import { roleOf } from './member-store.ts'

const deviceRoleSchema = z.enum(deviceRoles)

/** {@link InvitationStore} on the database. */
export function createInvitationStore(db: Kysely<Tables>, now: Clock): InvitationStore {
  return {
    invite: ({ hash, deviceId, ownerId, role, expiresAtMs }, most) =>
      db.transaction().execute(async transaction => {
        const giver = await roleOf(transaction, deviceId, ownerId)
        if (giver === undefined) return 'not-member'
        if (giver !== 'owner') return 'not-owner'
        const ofDevice = transaction.deleteFrom('invitation').where('device_id', '=', deviceId)
        await ofDevice.where('expires_at_ms', '<=', now()).execute()
        const open = await transaction
          .selectFrom('invitation')
          .select('expires_at_ms')
          .where('device_id', '=', deviceId)
          .orderBy('expires_at_ms')
          .execute()
        if (open[0] && open.length >= most) return { fullUntilMs: open[0].expires_at_ms }
        await transaction
          .insertInto('invitation')
          .values({ hash, device_id: deviceId, owner_id: ownerId, role, expires_at_ms: expiresAtMs })
          .execute()
        return 'invited'
      }),

    accept: (hash, userId) =>
      db.transaction().execute(async transaction => {
        const found = await validInvitation(transaction, hash, now())
        if (!found) return 'void'
        const { device, giverId, role } = found
        if ((await roleOf(transaction, device.id, userId)) === 'owner') return 'own'
        // The deletion decides: of two simultaneous requests the second finds the invitation gone.
        const used = await transaction
          .deleteFrom('invitation')
          .where('hash', '=', hash)
          .returning('hash')
          .executeTakeFirst()
        if (!used) return 'void'
        if (role === 'owner') await endOwnership(transaction, device.id)
        await giveRole(transaction, { deviceId: device.id, userId, role, sinceMs: now() })
        return { membership: { device, role }, giverId }
      }),

    async read(hash) {
      const found = await validInvitation(db, hash, now())
      if (!found) return undefined
      const { giverId: _, ...offer } = found
      return offer
    },

    openOf: deviceId => openOf(db, deviceId, now()),

    withdraw: (deviceId, ownerId, id) =>
      db.transaction().execute(async transaction => {
        const giver = await roleOf(transaction, deviceId, ownerId)
        if (giver === undefined) return 'not-member'
        if (giver !== 'owner') return 'not-owner'
        const open = await openOf(transaction, deviceId, now())
        if (!open.some(invitation => invitation.id === id)) return 'unknown'
        const ofDevice = transaction.deleteFrom('invitation').where('device_id', '=', deviceId)
        await ofDevice.where('hash', 'like', `${id}%`).execute()
        return 'withdrawn'
      }),
  }
}

async function openOf(db: Kysely<Tables>, deviceId: string, nowMs: number): Promise<OpenInvitation[]> {
  const rows = await db
    .selectFrom('invitation')
    .select(['hash', 'role', 'expires_at_ms'])
    .where('device_id', '=', deviceId)
    .where('expires_at_ms', '>', nowMs)
    .orderBy('expires_at_ms')
    .orderBy('hash')
    .execute()
  return rows.map(({ hash, role, expires_at_ms: expiresAtMs }) => {
    return { id: invitationIdOf(hash), role: deviceRoleSchema.parse(role), expiresAtMs }
  })
}

/** The invitation, if it is open and its giver is still the owner and not disabled. */
async function validInvitation(transaction: Kysely<Tables>, hash: string, nowMs: number) {
  const row = await transaction
    .selectFrom('invitation')
    .innerJoin('device', 'device.id', 'invitation.device_id')
    .innerJoin('account', 'account.id', 'invitation.owner_id')
    .innerJoin('member', join =>
      join.onRef('member.device_id', '=', 'device.id').onRef('member.account_id', '=', 'account.id'),
    )
    .select(deviceColumns.map(column => `device.${column}` as const))
    .select(['owner_id', 'invitation.role', 'account.username', 'expires_at_ms'])
    .where('hash', '=', hash)
    .where('expires_at_ms', '>', nowMs)
    .where('account.disabled', '=', 0)
    .where('member.role', '=', 'owner')
    .executeTakeFirst()
  if (!row) return undefined
  return {
    device: parseDevice(row),
    giverId: row.owner_id,
    inviter: row.username,
    role: deviceRoleSchema.parse(row.role),
    expiresAtMs: row.expires_at_ms,
  }
}

/** Invitations of the former owner end with the ownership, even if the device returns to them. */
async function endOwnership(transaction: Transaction<Tables>, deviceId: string): Promise<void> {
  await transaction.deleteFrom('invitation').where('device_id', '=', deviceId).execute()
  await transaction.deleteFrom('member').where('device_id', '=', deviceId).where('role', '=', 'owner').execute()
}

async function giveRole(
  transaction: Transaction<Tables>,
  member: { readonly deviceId: string; readonly userId: string; readonly role: DeviceRole; readonly sinceMs: number },
): Promise<void> {
  const { deviceId, userId, role, sinceMs } = member
  await transaction
    .insertInto('member')
    .values({ device_id: deviceId, account_id: userId, role, since_ms: sinceMs })
    .onConflict(conflict => conflict.columns(['device_id', 'account_id']).doUpdateSet({ role }))
    .execute()
}
