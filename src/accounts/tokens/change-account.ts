import type { AccountStore } from '../../domain/account.ts'

/**
 * Makes a change that takes rights away (disabled, another password, signed out), and then revokes every token of the account. Sign-ins under way
 * rely on this order. A handler that calls it announces 'account-signed-out' afterwards, which closes the open sessions.
 */
export async function changeAccount(
  store: Pick<AccountStore, 'revokeTokensOf'>,
  accountId: string,
  apply: () => Promise<unknown> = async () => {},
): Promise<void> {
  await apply()
  await store.revokeTokensOf(accountId)
}
