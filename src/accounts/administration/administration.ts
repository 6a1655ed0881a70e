import { randomUUID } from 'node:crypto'
import type { Account, AccountRole, AccountStore, WechatLink } from '../../domain/account.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { newUsernameSchema } from '../../protocol/identifiers.ts'
import { passwordDigest } from '../passwords/password-digest.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { changeAccount } from '../tokens/change-account.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { createTokenAdministration, type TokenAdministration } from './token-administration.ts'

/** What operators do with accounts and tokens. Passwords are the text that a person types. */
export interface Administration extends TokenAdministration {
  addAccount(account: {
    readonly username: string
    readonly password: string
    readonly role: AccountRole
  }): Promise<Account | 'taken' | 'bad-username'>
  listAccounts(): Promise<Account[]>
  accountNamed(username: string): Promise<Account | undefined>
  /** Resolves with the changed account. Disabling revokes every token of the account, and so do the next two; enabling revokes none. */
  setDisabled(username: string, disabled: boolean): Promise<Account | 'unknown'>
  setRole(username: string, role: AccountRole): Promise<Account | 'unknown'>
  /** With `unlink` the account's WeChat links are removed too. */
  setPassword(username: string, password: string, unlink?: boolean): Promise<Account | 'unknown'>
  wechatLinksOf(username: string): Promise<readonly WechatLink[] | 'unknown'>
  /** Removes one link, or all. */
  unlinkWechat(username: string, linkId?: string): Promise<Account | 'unknown' | 'no-link'>
  /** Revokes every token of the account. */
  revokeTokens(username: string): Promise<Account | 'unknown'>
}

export function createAdministration(parts: {
  readonly store: AccountStore
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly now: Clock
}): Administration {
  const { store, passwords, now } = parts

  async function hashOf(password: string): Promise<string> {
    const hash = await passwords.hash(passwordDigest(password))
    if (isRefusal(hash)) throw new Error('too many passwords are being hashed')
    return hash
  }

  async function change(username: string, apply: (account: Account) => Promise<void>): Promise<Account | 'unknown'> {
    const account = await store.accountByUsername(username)
    if (!account) return 'unknown'
    await changeAccount(store, account.id, () => apply(account))
    return (await store.accountById(account.id)) ?? 'unknown'
  }

  return {
    ...createTokenAdministration(parts),

    async addAccount({ username, password, role }) {
      if (!newUsernameSchema.safeParse(username).success) return 'bad-username'
      const account = {
        id: randomUUID(),
        username: username.normalize('NFC'),
        role,
        disabled: false,
        createdAtMs: now(),
      }
      const created = await store.createAccount({ ...account, passwordHash: await hashOf(password) })
      return created === 'created' ? account : 'taken'
    },
    listAccounts: () => store.listAccounts(),
    accountNamed: username => store.accountByUsername(username),
    async setDisabled(username, disabled) {
      if (disabled) return change(username, ({ id }) => store.setDisabled(id, true))
      const account = await store.accountByUsername(username)
      if (!account) return 'unknown'
      await store.setDisabled(account.id, false)
      return (await store.accountById(account.id)) ?? 'unknown'
    },
    revokeTokens: username => change(username, async () => {}),
    setRole: (username, role) => change(username, ({ id }) => store.setRole(id, role)),
    setPassword: (username, password, unlink = false) =>
      change(username, async ({ id }) => {
        await store.setPasswordHash(id, await hashOf(password))
        if (unlink) await store.unlinkWechat(id)
      }),
    async wechatLinksOf(username) {
      const account = await store.accountByUsername(username)
      return account ? store.wechatLinksOf(account.id) : 'unknown'
    },
    async unlinkWechat(username, linkId) {
      const account = await store.accountByUsername(username)
      if (!account) return 'unknown'
      const links = await store.wechatLinksOf(account.id)
      if (!links.some(({ id }) => linkId === undefined || id === linkId)) return 'no-link'
      return change(username, async ({ id }) => void (await store.unlinkWechat(id, linkId)))
    },
  }
}
