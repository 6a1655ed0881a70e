import type { AccountStore } from '../../domain/account.ts'

/**
 * Makes a change that takes rights away (disabled, another password, signed out), and then revokes every token that the account has. Sign-ins under way
 * rely on this order, and whoever does so over MQTT announces 'account-signed-out' after it, which ends its open sessions.
 */
export async function changeAccount(
  store: Pick<AccountStore, 'revokeTokensOf'>,
  accountId: string,
  apply: () => Promise<unknown> = async () => {},
): Promise<void> {
  await apply()
  await store.revokeTokensOf(accountId)
}
