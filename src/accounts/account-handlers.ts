import type { Handlers } from '../domain/request.ts'
import type { accountOperations } from '../protocol/operations/account.ts'

/** Every `account/*` operation. */
export const createAccountHandlers = (): Handlers<keyof typeof accountOperations> => ({
  async 'account/me'(_request, { principal }) {
    const { userId, username, kind: role, token } = principal
    return { userId, username, role, tokenExpiresAt: Math.floor(token.expiresAtMs / 1000) }
  },
})
