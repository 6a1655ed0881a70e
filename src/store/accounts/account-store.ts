import type { Kysely } from 'kysely'
import * as z from 'zod/mini'
import type { Account, AccountStore, AccountWithHash } from '../../domain/account.ts'
import type { Clock } from '../../domain/request.ts'
import { foldUsername } from '../../protocol/identifiers.ts'
import { type DeviceRole, deviceRoles } from '../../protocol/operations/device.ts'
import { isOneOf } from '../is-one-of.ts'
import { createRowsById } from '../rows-by-id.ts'
import type { Tables } from '../tables.ts'
import { createTokenStore } from '../tokens/token-store.ts'
import { createWechatLinkStore } from './wechat-link-store.ts'

/** {@link AccountStore} on the database. */
export function createAccountStore(db: Kysely<Tables>, now: Clock): AccountStore {
  const rowsById = createRowsById(db, id => db.selectFrom('account').select(accountColumns).where('id', '=', id))
  const grantsById = createRowsById(db, id =>
    db.selectFrom('member').select(['device_id', 'role']).where('account_id', '=', id),
  )

  return {
    ...createTokenStore(db, now),
    ...createWechatLinkStore(db, now),

    createAccount: (account, wechatId) =>
      db.transaction().execute(async transaction => {
        const created = await transaction
          .insertInto('account')
          .values(rowOf(account))
          .onConflict(conflict => conflict.doNothing()) // the same name, or another spelling of it
          .returning('id')
          .executeTakeFirst()
        if (!created && (await accountNamed(transaction, account.username))) return 'taken'
        if (!created) throw new Error('an account with this id already exists')
        if (wechatId === undefined) return 'created'
        const link = await createWechatLinkStore(transaction, now).linkWechat(
          wechatId,
          account.id,
          account.passwordHash,
        )
        if (link === 'linked') return 'created'
        await transaction.deleteFrom('account').where('id', '=', account.id).execute()
        return 'linked'
      }),

    async accountById(id) {
      const [row] = await rowsById(id)
      return row && parseAccount(row)
    },

    async accountsById(ids) {
      const rows = await db.selectFrom('account').select(accountColumns).where(isOneOf('id', ids)).execute()
      return new Map(rows.map(row => [row.id, parseAccount(row)]))
    },

    accountByUsername: username => accountNamed(db, username),

    async accountByWechat(wechatId) {
      const row = await db
        .selectFrom('wechat_link')
        .innerJoin('account', 'account.id', 'wechat_link.account_id')
        .select(accountColumns)
        .where('wechat_id', '=', wechatId)
        .executeTakeFirst()
      return row && parseAccount(row)
    },

    async listAccounts() {
      const rows = await db.selectFrom('account').select(accountColumns).orderBy('username').execute()
      return rows.map(parseAccount)
    },

    async setDisabled(id, disabled) {
      await db
        .updateTable('account')
        .set({ disabled: Number(disabled) })
        .where('id', '=', id)
        .execute()
    },

    async deleteAccount(id) {
      const deleted = await db
        .deleteFrom('account') // the rest by cascade
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('member').select('role').where('account_id', '=', id).where('role', '=', 'owner'))),
        )
        .returning('id')
        .executeTakeFirst()
      return deleted !== undefined
    },

    async setRole(id, role) {
      await db.updateTable('account').set({ role }).where('id', '=', id).execute()
    },

    async setPasswordHash(id, passwordHash) {
      await db.updateTable('account').set({ password_hash: passwordHash }).where('id', '=', id).execute()
    },

    async grantsOf(accountId) {
      const rows = await grantsById(accountId)
      return new Map(rows.map(row => [row.device_id, deviceRoleSchema.parse(row.role)]))
    },

    async grantsOfAll(accountIds) {
      const rows = await db
        .selectFrom('member')
        .select(['account_id', 'device_id', 'role'])
        .where(isOneOf('account_id', accountIds))
        .execute()
      const found = new Map<string, Map<string, DeviceRole>>()
      for (const { account_id, device_id, role } of rows) {
        const grants = found.get(account_id) ?? new Map<string, DeviceRole>()
        found.set(account_id, grants.set(device_id, deviceRoleSchema.parse(role)))
      }
      return found
    },
  }
}

async function accountNamed(db: Kysely<Tables>, username: string): Promise<AccountWithHash | undefined> {
  const name = username.normalize('NFC')
  const rows = await db
    .selectFrom('account')
    .select([...accountColumns, 'password_hash'])
    .where(({ or, eb }) => or([eb('folded', '=', foldUsername(name)), eb('username', '=', name)]))
    .execute()
  const row = rows.find(row => row.username === name) ?? rows[0]
  return row && { ...parseAccount(row), passwordHash: row.password_hash }
}

/** The columns of `account` that make an {@link Account}. */
export const accountColumns = ['id', 'username', 'role', 'disabled', 'created_at_ms'] as const
const accountRoleSchema = z.enum(['user', 'operator'])
const deviceRoleSchema = z.enum(deviceRoles)

/** Turns a row of {@link accountColumns} into an {@link Account}. */
export const parseAccount = (row: Pick<Tables['account'], (typeof accountColumns)[number]>): Account => ({
  id: row.id,
  username: row.username,
  role: accountRoleSchema.parse(row.role),
  disabled: row.disabled !== 0,
  createdAtMs: row.created_at_ms,
})

const rowOf = (account: AccountWithHash): Tables['account'] => ({
  id: account.id,
  username: account.username.normalize('NFC'),
  folded: foldUsername(account.username),
  password_hash: account.passwordHash,
  role: account.role,
  disabled: Number(account.disabled),
  created_at_ms: account.createdAtMs,
})
