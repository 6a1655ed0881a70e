import { expect, it } from 'vitest'
import { createAccountHandlers } from '../../../src/accounts/account-handlers.ts'
import { createSession } from './auth-fixture.ts'

it('account/me says who the session is and when its token expires, in seconds', async () => {
  const token = { id: 'token-1', expiresAtMs: 1_800_000_000_000 }
  const { context } = createSession<'operator'>({ kind: 'operator', userId: 'u1', username: 'root', token })
  expect(await createAccountHandlers({ wechatLinksOf: async () => [] }, () => 7)['account/me']({}, context)).toEqual({
    userId: 'u1',
    username: 'root',
    role: 'operator',
    tokenExpiresAt: 1_800_000_000,
    now: 7,
  })
})
