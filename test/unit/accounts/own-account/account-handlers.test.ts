import { expect, it } from 'vitest'
import { createAccountHandlers } from '../../../../src/accounts/own-account/account-handlers.ts'
import { createAuthFixture, createSession } from '../auth-fixture.ts'

it('account/me says who the session is and when its token expires, in seconds', async () => {
  const token = { id: 'token-1', expiresAtMs: 1_800_000_000_000 }
  const devices = { owned: async () => 0, exported: async () => [], giveUp: async () => {} }
  const { store, passwords, limits, events, orders } = createAuthFixture()
  const handlers = createAccountHandlers({
    ...{ store, passwords, limits, events, orders, devices },
    sessions: async () => [],
    now: () => 7,
  })
  const { context } = createSession<'operator'>({ kind: 'operator', userId: 'u1', username: 'root', token })
  expect(await handlers['account/me']({}, context)).toEqual({
    userId: 'u1',
    username: 'root',
    role: 'operator',
    tokenExpiresAt: 1_800_000_000,
    now: 7,
  })
})
