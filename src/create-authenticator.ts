import type { createTokenAuthenticator } from './accounts/token-authenticator.ts'
import { type Authenticator, tokenUsername } from './domain/sign-in.ts'
import type { createDeviceAuthenticator } from './registry/device-authenticator.ts'

interface Options {
  readonly byToken: ReturnType<typeof createTokenAuthenticator>
  readonly bySecret: ReturnType<typeof createDeviceAuthenticator>
}

/** Who is who: the user name `jwt` is shown a token with, every other one is a device with its secret. */
export const createAuthenticator = ({ byToken, bySecret }: Options): Authenticator => ({
  authenticate: credentials =>
    credentials.username === tokenUsername
      ? byToken.authenticate(credentials.password)
      : bySecret.authenticate(credentials),
  isReserved: bySecret.isReserved,
  recheck: async principal => {
    if (principal.kind === 'guest') return principal
    return principal.kind === 'device' ? bySecret.recheck(principal) : byToken.recheck(principal)
  },
  restore: async principal => {
    if (principal.kind === 'guest') return principal
    return principal.kind === 'device' ? bySecret.restore(principal) : byToken.restore(principal)
  },
  grantsOf: byToken.grantsOf,
})
