import type { Kysely } from 'kysely'
import * as z from 'zod/mini'
import type { DeviceStore, Member } from '../../domain/device.ts'
import type { Clock } from '../../domain/request.ts'
import { type DeviceRole, deviceRoles } from '../../protocol/operations/device.ts'
import type { Tables } from '../tables.ts'
import { deviceColumns, newTenure, parseDevice } from './device-row.ts'

type MemberStore = Pick<
  DeviceStore,
  'memberships' | 'membersOf' | 'namedMembersOf' | 'claim' | 'offer' | 'release' | 'removeMember' | 'changeRole'
>

const deviceRoleSchema = z.enum(deviceRoles)

/** The part of {@link DeviceStore} for members and their roles. */
export function createMemberStore(db: Kysely<Tables>, now: Clock): MemberStore {
  return {
    async memberships(accountId) {
      const rows = await db
        .selectFrom('member')
        .innerJoin('device', 'device.id', 'member.device_id')
        .select(deviceColumns)
        .select('role')
        .where('account_id', '=', accountId)
        .orderBy('id')
        .execute()
      return rows.map(row => ({ device: parseDevice(row), role: deviceRoleSchema.parse(row.role) }))
    },

    membersOf: deviceId => membersOf(db, deviceId),

    async namedMembersOf(deviceId) {
      const rows = await db
        .selectFrom('member')
        .innerJoin('account', 'account.id', 'member.account_id')
        .select(['account_id', 'username', 'member.role', 'since_ms'])
        .where('device_id', '=', deviceId)
        .orderBy('since_ms')
        .orderBy('account_id')
        .execute()
      return rows.map(row => ({
        userId: row.account_id,
        username: row.username,
        role: deviceRoleSchema.parse(row.role),
        sinceMs: row.since_ms,
      }))
    },

    claim: (deviceId, accountId) =>
      db.transaction().execute(async transaction => {
        // Voiding the code decides: of two simultaneous claims the second finds it void.
        const voided = await transaction
          .updateTable('device')
          .set({ claim_hash: null, claim_until_ms: null })
          .where('id', '=', deviceId)
          .where('claim_hash', 'is not', null)
          .where(({ or, eb }) => or([eb('claim_until_ms', 'is', null), eb('claim_until_ms', '>', now())]))
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(selectFrom('member').select('role').where('device_id', '=', deviceId).where('role', '=', 'owner')),
            ),
          )
          .returning('id')
          .executeTakeFirst()
        if (!voided) return 'owned'
        await transaction
          .insertInto('member')
          .values({ device_id: deviceId, account_id: accountId, role: 'owner', since_ms: now() })
          .onConflict(conflict => conflict.columns(['device_id', 'account_id']).doUpdateSet({ role: 'owner' }))
          .execute()
        return 'claimed'
      }),

    offer: (deviceId, untilMs) =>
      db.transaction().execute(async transaction => {
        const row = await transaction
          .selectFrom('device')
          .select(['claim_hash', 'claim_until_ms', 'label_hash'])
          .where('id', '=', deviceId)
          .executeTakeFirst()
        if ((await membersOf(transaction, deviceId)).some(({ role }) => role === 'owner')) return 'owned'
        if (!row || row.label_hash === null) return 'no-label'
        if (row.claim_hash !== null && row.claim_until_ms === null) return { untilMs: null }
        const offered = { claim_hash: row.label_hash, claim_until_ms: untilMs }
        await transaction.updateTable('device').set(offered).where('id', '=', deviceId).execute()
        return { untilMs }
      }),

    release: (deviceId, ownerId, name) =>
      db.transaction().execute(async transaction => {
        if ((await roleOf(transaction, deviceId, ownerId)) !== 'owner') return undefined
        await transaction.deleteFrom('invitation').where('device_id', '=', deviceId).execute()
        const members = await membersOf(transaction, deviceId)
        await transaction.deleteFrom('member').where('device_id', '=', deviceId).execute()
        const released = { name, claim_hash: null, claim_until_ms: null, history_from_ms: now(), tenure: newTenure() }
        await transaction.updateTable('device').set(released).where('id', '=', deviceId).execute()
        // The recorded history belongs to nobody from now on; it is deleted in small steps.
        const series = transaction.updateTable('history_series').set({ device_id: null })
        await series.where('device_id', '=', deviceId).execute()
        return { members, tenure: released.tenure }
      }),

    removeMember: (deviceId, userId, byUserId) =>
      db.transaction().execute(async transaction => {
        const members = await membersOf(transaction, deviceId)
        const roles = new Map(members.map(member => [member.userId, member.role]))
        const by = roles.get(byUserId)
        if (by === undefined) return 'not-member'
        if (by !== 'owner' && byUserId !== userId) return 'not-owner'
        const role = roles.get(userId)
        if (role === undefined) return 'not-member'
        if (role === 'owner') return 'owner'
        // A removed member may still hold an unused invitation.
        if (by === 'owner') await transaction.deleteFrom('invitation').where('device_id', '=', deviceId).execute()
        await transaction
          .deleteFrom('member')
          .where('device_id', '=', deviceId)
          .where('account_id', '=', userId)
          .execute()
        return { ownerId: members.find(member => member.role === 'owner')?.userId }
      }),

    changeRole: (deviceId, userId, byUserId, role) =>
      db.transaction().execute(async transaction => {
        const by = await roleOf(transaction, deviceId, byUserId)
        if (by === undefined) return 'not-member'
        if (by !== 'owner') return 'not-owner'
        const before = await roleOf(transaction, deviceId, userId)
        if (before === undefined) return 'not-member'
        if (before === 'owner') return 'owner'
        await transaction
          .updateTable('member')
          .set({ role })
          .where('device_id', '=', deviceId)
          .where('account_id', '=', userId)
          .execute()
        return 'changed'
      }),
  }
}

/** The account's role on the device; undefined when it has none. */
export async function roleOf(db: Kysely<Tables>, deviceId: string, accountId: string): Promise<DeviceRole | undefined> {
  const row = await db
    .selectFrom('member')
    .select('role')
    .where('device_id', '=', deviceId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row && deviceRoleSchema.parse(row.role)
}

async function membersOf(db: Kysely<Tables>, deviceId: string): Promise<Member[]> {
  const rows = await db
    .selectFrom('member')
    .select(['account_id', 'role'])
    .where('device_id', '=', deviceId)
    .orderBy('since_ms')
    .execute()
  return rows.map(row => ({ userId: row.account_id, role: deviceRoleSchema.parse(row.role) }))
}
