import type { Account, AccountStore } from '../../domain/account.ts'
import type { OperatorPrincipal, UserPrincipal } from '../../domain/principal.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { RequestContext } from '../../domain/request.ts'
import type { RefusalCode } from '../../protocol/codes.ts'
import { accountPrincipal } from '../tokens/account-principal.ts'
import type { IssuedToken, Tokens } from '../tokens/tokens.ts'

/** Names the account to which the request has proved a right, as things are now, or refuses. It is called more than once. */
export type Proof<C extends RefusalCode> = () => Promise<Account | Refusal<C>>

export interface StartedSession {
  readonly token: string
  readonly principal: UserPrincipal | OperatorPrincipal
}

/** Makes the session act for the account that `prove` names, with a new token. `issue` makes the token; by default it begins a family. */
export type SessionStart = <C extends RefusalCode>(
  context: Pick<RequestContext, 'become' | 'mayHold'>,
  prove: Proof<C>,
  issue?: (account: Account) => Promise<IssuedToken | Refusal<C>>,
) => Promise<StartedSession | Refusal<C | 1008 | 1009 | 5000>>

export const createSessionStart = (parts: { readonly store: AccountStore; readonly tokens: Tokens }): SessionStart => {
  const { store, tokens } = parts
  const startSession: SessionStart = async (context, prove, issue = tokens.beginFamily) => {
    const account = await prove()
    if (isRefusal(account)) return account
    if (!(await context.mayHold({ kind: account.role, userId: account.id }))) return refuse(1009)
    const issued = await issue(account)
    if (isRefusal(issued)) return issued
    // Rights are taken away first, and the account's tokens are revoked after that. This token is on record now, so in that case
    // either it was revoked with the others, or the second proof differs.
    const [again, record, principal] = await Promise.all([
      prove(),
      store.tokenById(issued.id),
      accountPrincipal(account, issued, store),
    ])
    if (!isRefusal(again) && again.id === account.id && again.role === account.role && record?.revoked === false) {
      const became = context.become(principal)
      if (became === 'done') return { token: issued.token, principal }
      await tokens.discard(issued.id)
      if (became === 'not-its-id') return refuse(1009)
      return became === 'too-many' ? refuse(1008) : refuse(5000, { detail: 'too late' })
    }
    await tokens.discard(issued.id)
    return isRefusal(again) ? again : startSession(context, prove, issue)
  }
  return startSession
}
