import {
  type AccountStore,
  type AccountWithHash,
  isSuperseded,
  type TokenFamily,
  type TokenRecord,
} from '../../../src/domain/account.ts'
import { foldUsername } from '../../../src/protocol/identifiers.ts'
import type { DeviceRole } from '../../../src/protocol/operations/device.ts'

const found = <T>(id: string, value: T | undefined): [string, T][] => (value === undefined ? [] : [[id, value]])

/** An AccountStore in memory; its maps may be read and written by tests. */
export function createFakeAccountStore() {
  const accounts = new Map<string, AccountWithHash>()
  const links = new Map<string, string>()
  const records = new Map<string, TokenRecord>()
  const grants = new Map<string, Map<string, DeviceRole>>()

  const byName = (username: string) =>
    [...accounts.values()].find(account => account.username === username.normalize('NFC')) ??
    [...accounts.values()].find(account => foldUsername(account.username) === foldUsername(username))
  const change = (id: string, changed: Partial<AccountWithHash>) => {
    const account = accounts.get(id)
    if (account) accounts.set(id, { ...account, ...changed })
  }
  const families = new Map<string, Pick<TokenFamily, 'beganAtMs' | 'used'> & { revoked: boolean }>()
  /** With its family as that is now. */
  const recordOf = (id: string): TokenRecord | undefined => {
    const record = records.get(id)
    const kin = families.get(record?.family?.id ?? '')
    if (!record?.family || !kin) return record
    return { ...record, revoked: record.revoked || kin.revoked, family: { ...record.family, used: kin.used } }
  }
  const revoke = (token: TokenRecord) => records.set(token.id, { ...token, revoked: true })

  const store: AccountStore = {
    deleteAccount: async id => accounts.delete(id),
    signInsOf: async () => [],
    async createAccount(account, wechatId) {
      if (byName(account.username)) return 'taken'
      if (wechatId !== undefined && links.has(wechatId)) return 'linked'
      accounts.set(account.id, account)
      if (wechatId !== undefined) links.set(wechatId, account.id)
      return 'created'
    },
    accountById: async id => accounts.get(id),
    accountByUsername: async username => byName(username),
    accountByWechat: async wechatId => accounts.get(links.get(wechatId) ?? ''),
    listAccounts: async () => [...accounts.values()],
    setDisabled: async (id, disabled) => change(id, { disabled }),
    setRole: async (id, role) => change(id, { role }),
    setPasswordHash: async (id, passwordHash) => change(id, { passwordHash }),
    async linkWechat(wechatId, accountId, passwordHash) {
      if (accounts.get(accountId)?.passwordHash !== passwordHash) return 'not-any-more'
      if (links.has(wechatId) && links.get(wechatId) !== accountId) return 'linked-elsewhere'
      links.set(wechatId, accountId)
      return 'linked'
    },
    wechatLinksOf: async accountId =>
      [...links].flatMap(([wechatId, linked]) => (linked === accountId ? [{ id: wechatId, linkedAtMs: 0 }] : [])),
    async unlinkWechat(accountId, linkId) {
      const ended = [...links].filter(([id, linked]) => linked === accountId && (linkId ?? id) === id)
      for (const [wechatId] of ended) links.delete(wechatId)
      return ended.length > 0
    },
    async recordToken(token, familyId) {
      records.set(token.id, { ...token, revoked: false })
      if (familyId === undefined) return
      const kin = { beganAtMs: token.issuedAtMs, used: { generation: 0, tokenId: token.id } }
      families.set(familyId, { ...kin, revoked: false })
      records.set(token.id, { ...token, revoked: false, family: { id: familyId, generation: 0, ...kin } })
    },
    async recordSuccessor(token, { id, endsAtMs }) {
      const before = recordOf(id)
      if (!before?.family || before.revoked || isSuperseded(before)) return false
      records.set(id, { ...before, endsAtMs })
      const family = { ...before.family, generation: before.family.generation + 1 }
      records.set(token.id, { ...token, revoked: false, family })
      return true
    },
    async useToken(tokenId, { id, generation }) {
      const kin = families.get(id)
      if (!kin || kin.revoked || kin.used.generation >= generation) return false
      families.set(id, { ...kin, used: { generation, tokenId } })
      return true
    },
    async revokeFamily(id) {
      const kin = families.get(id)
      if (kin) families.set(id, { ...kin, revoked: true })
    },
    async endToken(id, atMs) {
      const token = records.get(id)
      if (token) records.set(id, { ...token, endsAtMs: Math.min(token.endsAtMs ?? atMs, atMs) })
    },
    serviceTokensEnding: async (nowMs, beforeMs, atMost) =>
      [...records.values()]
        .filter(({ role, revoked, endsAtMs }) => role === 'service' && !revoked && endsAtMs === undefined)
        .filter(({ expiresAtMs }) => expiresAtMs > nowMs && expiresAtMs < beforeMs)
        .slice(0, atMost),
    tokenById: async id => recordOf(id),
    async revokeToken(id) {
      const token = records.get(id)
      if (token) revoke(token)
    },
    async revokeTokensOf(subject, exceptTokenId) {
      for (const token of records.values()) if (token.subject === subject && token.id !== exceptTokenId) revoke(token)
    },
    async pruneTokens(nowMs, atMost) {
      const expired = [...records.values()].filter(token => token.expiresAtMs < nowMs).slice(0, atMost)
      for (const { id } of expired) records.delete(id)
      return expired.length === atMost
    },
    tokensById: async ids => new Map(ids.flatMap(id => found(id, recordOf(id)))),
    accountsById: async ids => new Map(ids.flatMap(id => found(id, accounts.get(id)))),
    grantsOfAll: async ids => new Map(ids.flatMap(id => found(id, grants.get(id)))),
    grantsOf: async accountId => new Map(grants.get(accountId)),
  }
  return { store, accounts, links, records, grants }
}
