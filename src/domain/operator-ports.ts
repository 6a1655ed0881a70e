import type { Account, WechatLink } from './account.ts'

/** What operators do with accounts and tokens while the broker runs. Implemented by src/accounts. */
export interface AccountControl {
  /** Takes any spelling of the name. */
  accountNamed(username: string): Promise<Account | undefined>
  /** Like signing out, it revokes every token of the account. */
  setDisabled(username: string, disabled: boolean): Promise<Account | 'unknown'>
  revokeTokens(username: string): Promise<Account | 'unknown'>
  wechatLinksOf(username: string): Promise<readonly WechatLink[] | 'unknown'>
  /** Removes the link named, or all; like signing out, it revokes every token of the account. */
  unlinkWechat(username: string, linkId?: string): Promise<Account | 'unknown' | 'no-link'>
  /** Revokes its whole family too. */
  revokeToken(tokenId: string): Promise<{ readonly id: string; readonly familyId?: string } | 'unknown'>
}

/** What operators do with devices while the broker runs; secrets and claim codes are in clear. Implemented by src/registry. */
export interface DeviceSetup {
  addDevice(wanted: {
    readonly type: string
    readonly id?: string
    readonly name?: string
  }): Promise<
    | { readonly id: string; readonly type: string; readonly secret: string; readonly claimCode: string }
    | 'taken'
    | 'unknown-type'
    | 'bad-id'
    | 'bad-name'
  >
  resetDevice(
    id: string,
  ): Promise<{ readonly id: string; readonly secret: string; readonly claimCode: string | null } | 'unknown'>
  setDisabled(id: string, disabled: boolean): Promise<'done' | 'unknown'>
}
