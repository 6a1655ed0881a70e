import type { TokenRole } from '../protocol/claims.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'

export type AccountRole = 'user' | 'operator'

/** A person's account. Its id is random and never reused. */
export interface Account {
  readonly id: string
  readonly username: string
  readonly role: AccountRole
  readonly disabled: boolean
  readonly createdAtMs: number
}

/** An account with its argon2id hash, for the sign-in operations only. */
export interface AccountWithHash extends Account {
  readonly passwordHash: string
}

/** The sign-in from which a token comes, and how far its family has come since. */
export interface TokenFamily {
  readonly id: string
  /** When the first token was issued. */
  readonly beganAtMs: number
  /** How many refreshes there were from the first token to this one. */
  readonly generation: number
  /** The newest of its tokens that was used at CONNECT; the first token counts as used. */
  readonly used: { readonly generation: number; readonly tokenId: string }
}

/** A token as it is put on record, before it is handed out. */
export interface NewTokenRecord {
  readonly id: string
  /** The account's id, or the service's name. */
  readonly subject: string
  readonly role: TokenRole
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** The hash of its `acl` claim; tokens of an earlier version have none. */
  readonly aclHash?: string
}

/** A token on record. Every issued token is, until it expires; one that is not on record is refused. */
export interface TokenRecord extends NewTokenRecord {
  /** True when this token or its whole family is revoked. */
  readonly revoked: boolean
  /** Missing for tokens of services, and for those that the command line or an earlier version issued. */
  readonly family?: TokenFamily
  /** When it begins to be refused before it expires, because it was refreshed or rotated. */
  readonly endsAtMs?: number
}

/** True when another token of the family was used at CONNECT that is as new or newer. */
export const isSuperseded = ({ id, family }: TokenRecord): boolean =>
  family !== undefined &&
  (family.generation < family.used.generation ||
    (family.generation === family.used.generation && family.used.tokenId !== id))

/** Accounts, WeChat links and tokens. Implemented by src/store. Every method may reject with a fault of the database. */
/** A WeChat user that signs in to an account. */
export interface WechatLink {
  /** Names the link, and reveals nothing about the WeChat user. */
  readonly id: string
  readonly linkedAtMs: number
}

/** A family of tokens, as its person sees it. */
export interface SignIn {
  readonly id: string
  readonly beganAtMs: number
  /** When the last of its tokens expires. */
  readonly expiresAtMs: number
}

export interface AccountStore {
  /** 'taken' when an account has the user name or another spelling of it, 'linked' when the WeChat user is linked to an account. One transaction. */
  createAccount(account: AccountWithHash, wechatId?: string): Promise<'created' | 'taken' | 'linked'>
  accountById(id: string): Promise<Account | undefined>
  /** The accounts that exist, by id, in one query. */
  accountsById(ids: readonly string[]): Promise<Map<string, Account>>
  /** The account with exactly that name (in NFC), or else the one whose name folds to the same. */
  accountByUsername(username: string): Promise<AccountWithHash | undefined>
  accountByWechat(wechatId: string): Promise<Account | undefined>
  listAccounts(): Promise<Account[]>
  setDisabled(id: string, disabled: boolean): Promise<void>
  /**
   * Deletes the account with its WeChat links, memberships and invitations, in one statement; {@link revokeTokensOf} revokes its tokens. False, and nothing
   * is done, while it owns a device: a device without an owner must not keep an owner's state.
   */
  deleteAccount(id: string): Promise<boolean>
  setRole(id: string, role: AccountRole): Promise<void>
  setPasswordHash(id: string, passwordHash: string): Promise<void>
  /**
   * Links a WeChat user, by the keyed hash of its openid, to an account. 'linked-elsewhere' when it is linked to another one. 'not-any-more', and nothing
   * is linked, when the password of the account is not that of `passwordHash` any more. One statement.
   */
  linkWechat(
    wechatId: string,
    accountId: string,
    passwordHash: string,
  ): Promise<'linked' | 'linked-elsewhere' | 'not-any-more'>
  /** The WeChat users of an account, the oldest link first. */
  wechatLinksOf(accountId: string): Promise<WechatLink[]>
  /** Removes all links of the account, or the one named. False when there is none. */
  unlinkWechat(accountId: string, linkId?: string): Promise<boolean>
  /** With `familyId` it is the first of that family. */
  recordToken(token: NewTokenRecord, familyId?: string): Promise<void>
  /**
   * Puts `token` on record as the next of its predecessor's family, and gives the predecessor an end. False, and nothing is changed, when the predecessor
   * is revoked, is superseded or has no family.
   */
  recordSuccessor(
    token: NewTokenRecord,
    predecessor: { readonly id: string; readonly endsAtMs: number },
  ): Promise<boolean>
  /**
   * Notes that a token is used at CONNECT, as the first of its generation: it supersedes the others. False when it cannot, because its family is revoked or
   * has gone on.
   */
  useToken(tokenId: string, family: TokenFamily): Promise<boolean>
  tokenById(id: string): Promise<TokenRecord | undefined>
  /** The tokens that are on record, by id, in one query. */
  tokensById(ids: readonly string[]): Promise<Map<string, TokenRecord>>
  revokeToken(id: string): Promise<void>
  /** Gives a token an end at `atMs`, unless it ends before. */
  endToken(id: string, atMs: number): Promise<void>
  /** At most `atMost` tokens of services that are valid, not rotated, and expire after `nowMs` and before `beforeMs`; the first to expire first. */
  serviceTokensEnding(nowMs: number, beforeMs: number, atMost: number): Promise<TokenRecord[]>
  /** Sign-ins of an account whose tokens are valid at `nowMs`, the newest `atMost` of them. */
  signInsOf(accountId: string, nowMs: number, atMost: number): Promise<SignIn[]>
  /** Revokes all tokens of a family, also those that are not issued yet. */
  revokeFamily(id: string): Promise<void>
  /** Revokes every token that an account or a service has now, except `exceptTokenId`; thousands of them a portion at a time. */
  revokeTokensOf(subject: string, exceptTokenId?: string): Promise<void>
  /**
   * Deletes at most `atMost` records of tokens that expired before `nowMs`, the oldest first, and as many of families. True when there may be more to delete.
   */
  pruneTokens(nowMs: number, atMost: number): Promise<boolean>
  /** Device id → role, for every device the account owns or was given. */
  grantsOf(accountId: string): Promise<Map<string, DeviceRole>>
  /** The same for several accounts, by id, in one query; accounts without a device are left out. */
  grantsOfAll(accountIds: readonly string[]): Promise<Map<string, Map<string, DeviceRole>>>
}
