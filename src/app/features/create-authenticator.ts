import type { ConnectByToken } from '../../accounts/tokens/connect-by-token.ts'
import type { createTokenAuthenticator, TokenPrincipal } from '../../accounts/tokens/token-authenticator.ts'
import type { DevicePrincipal, Principal } from '../../domain/principal.ts'
import { type Authenticator, type ConnectRefusal, tokenUsername } from '../../domain/sign-in.ts'
import type { createDeviceAuthenticator } from '../../registry/enrollment/device-authenticator.ts'

interface Options {
  readonly connectByToken: ConnectByToken
  readonly byToken: ReturnType<typeof createTokenAuthenticator>
  readonly bySecret: ReturnType<typeof createDeviceAuthenticator>
}

type Verdicts<P> = (principals: readonly P[]) => Promise<(P | ConnectRefusal)[]>

/** Signs in by the user name: `jwt` comes with a token, every other name is a device with its secret. */
export const createAuthenticator = ({ connectByToken, byToken, bySecret }: Options): Authenticator => ({
  authenticate: credentials =>
    credentials.username === tokenUsername ? connectByToken(credentials) : bySecret.authenticate(credentials),
  isReserved: bySecret.isReserved,
  recheck: async principal => {
    if (principal.kind === 'guest') return principal
    return principal.kind === 'device' ? bySecret.recheck(principal) : byToken.recheck(principal)
  },
  recheckAll: principals => eachByItsKind(principals, byToken.recheckAll, bySecret.recheckAll),
  restore: async principal => {
    if (principal.kind === 'guest') return principal
    return principal.kind === 'device' ? bySecret.restore(principal) : byToken.restore(principal)
  },
  restoreAll: principals => eachByItsKind(principals, byToken.restoreAll, bySecret.restoreAll),
})

async function eachByItsKind(
  principals: readonly Principal[],
  ofTokens: Verdicts<TokenPrincipal>,
  ofDevices: Verdicts<DevicePrincipal>,
): Promise<readonly (Principal | ConnectRefusal)[]> {
  const tokens = principals.filter(principal => principal.kind !== 'guest' && principal.kind !== 'device')
  const devices = principals.filter(principal => principal.kind === 'device')
  const found = new Map<Principal, Principal | ConnectRefusal>()
  const note = <P extends Principal>(asked: readonly P[], verdicts: readonly (P | ConnectRefusal)[]) => {
    for (const [index, principal] of asked.entries()) found.set(principal, verdicts[index] ?? principal)
  }
  if (tokens.length > 0) note(tokens, await ofTokens(tokens))
  if (devices.length > 0) note(devices, await ofDevices(devices))
  return principals.map(principal => found.get(principal) ?? principal)
}
