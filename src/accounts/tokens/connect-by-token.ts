import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { guest } from '../../domain/principal.ts'
import type { ConnectRefusal, Credentials } from '../../domain/sign-in.ts'
import { announceReuse } from './announce-reuse.ts'
import type { TokenAuthenticator, TokenPrincipal } from './token-authenticator.ts'
import type { Tokens } from './tokens.ts'

/** The principal of a token at CONNECT, or why it is refused. A token that is used after its successor revokes its family, which goes on record. */
export type ConnectByToken = (
  credentials: Pick<Credentials, 'password' | 'clientId' | 'address'>,
) => Promise<TokenPrincipal | ConnectRefusal>

export const createConnectByToken =
  (parts: {
    readonly tokens: Tokens
    readonly authenticator: Pick<TokenAuthenticator, 'principalOf'>
    readonly events: Events
    readonly orders: Orders
  }): ConnectByToken =>
  async ({ password, clientId, address }) => {
    const { tokens, authenticator } = parts
    const used = await tokens.use(password)
    if (typeof used === 'string') return used
    if (!('reused' in used)) return authenticator.principalOf(used)
    await tokens.revoke(used.reused.id)
    await announceReuse(parts, { clientId, address, principal: guest }, used.reused)
    return 'token-reused'
  }
