import type { Account, AccountStore } from '../../domain/account.ts'
import type { OperatorPrincipal, TokenRef, UserPrincipal } from '../../domain/principal.ts'

/** The principal of the sessions of `account`, with its current grants. */
export async function accountPrincipal(
  { id: userId, username, role }: Account,
  { id, expiresAtMs, familyId }: TokenRef,
  store: AccountStore,
): Promise<UserPrincipal | OperatorPrincipal> {
  const token = { id, expiresAtMs, ...(familyId !== undefined && { familyId }) }
  if (role === 'operator') return { kind: 'operator', userId, username, token }
  return { kind: 'user', userId, username, grants: await store.grantsOf(userId), token }
}
