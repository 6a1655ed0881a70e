import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTokenAuthenticator } from '../../../src/accounts/tokens/token-authenticator.ts'
import { openStore, type Store } from '../../../src/store/open-store.ts'
import { createAuthFixture, digest, guestSession, signedIn, userOf } from '../../unit/accounts/auth-fixture.ts'

let dir: string
let db: Store
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latchkey-accounts-'))
  db = await openStore({ file: join(dir, 'latchkey.db'), now: Date.now })
})
afterEach(async () => {
  await db.close()
  await rm(dir, { recursive: true })
})

const bob = { username: 'bob', password: digest('secret'), code: 'wx-bob' }

it('a registered WeChat user logs in, connects by token, unbinds, and has to bind again', async () => {
  const fixture = createAuthFixture({ store: db.accounts })
  const { auth, tokens, store } = fixture
  const { authenticate } = createTokenAuthenticator({ tokens, store })
  const login = (session = guestSession()) => auth['auth/login']({ code: bob.code }, session.context)

  expect(await login()).toEqual({ refused: 1001 })
  const registering = guestSession()
  const first = String(await auth['auth/register'](bob, registering.context))
  const second = String(await login())
  expect(await authenticate(second)).toMatchObject({ userId: userOf(registering.session).userId })

  const { context } = await signedIn(fixture, 'bob')
  expect(await auth['auth/unbind']({ password: bob.password }, context)).toEqual({})
  for (const token of [first, second]) expect(await authenticate(token)).toBe('token-revoked')
  expect(await login()).toEqual({ refused: 1001 })
  expect(await auth['auth/bind'](bob, guestSession().context)).toBeTypeOf('string')
  expect(await login()).toBeTypeOf('string')
})

it('of two that register one name at once, one gets it', async () => {
  const { auth } = createAuthFixture({ store: db.accounts })
  const register = (code: string) => auth['auth/register']({ ...bob, code }, guestSession().context)
  const answers = await Promise.all([register('wx-1'), register('wx-2')])
  expect(answers.filter(answer => typeof answer === 'string')).toHaveLength(1)
  expect(answers).toContainEqual({ refused: 1004 })
  expect(await db.accounts.listAccounts()).toHaveLength(1)
})

it('of two accounts that bind one WeChat user at once, one gets it', async () => {
  const { auth, addAccount } = createAuthFixture({ store: db.accounts })
  await addAccount('bob')
  await addAccount('carol')
  const bind = (username: string) => auth['auth/bind']({ ...bob, username }, guestSession().context)
  const answers = await Promise.all([bind('bob'), bind('carol')])
  expect(answers.filter(answer => typeof answer === 'string')).toHaveLength(1)
  expect(answers).toContainEqual({ refused: 1005 })
})
