import { describe, expect, it } from 'vitest'
import { refuse } from '../../../../src/domain/refusal.ts'
import { createAuthFixture, digest, guestSession, userOf } from '../auth-fixture.ts'

const bob = { username: 'bob', password: digest('secret'), code: 'wx-bob' }

describe('auth/login', () => {
  it('makes the session act for the account that the WeChat user is bound to, with its grants', async () => {
    const fixture = createAuthFixture()
    const account = await fixture.addAccount('bob', { wechat: 'bob' })
    fixture.grants.set(account.id, new Map([['lamp', 'owner']]))
    const { session, context } = guestSession()

    const token = await fixture.auth['auth/login']({ code: 'wx-bob' }, context)

    const user = userOf(session)
    expect(user).toMatchObject({ userId: account.id, username: 'bob', grants: new Map([['lamp', 'owner']]) })
    const verified = await fixture.tokens.verify(String(token))
    expect(verified).toMatchObject({ claims: { sub: account.id, role: 'user', jti: user.token.id } })
    expect(fixture.announced).toEqual([
      {
        event: 'signed-in',
        detail: {
          clientId: 'client-1',
          address: '192.0.2.1',
          principal: user,
          operation: 'auth/login',
          userId: account.id,
        },
      },
    ])
  })

  it('makes the session of an operator an operator session', async () => {
    const fixture = createAuthFixture()
    const account = await fixture.addAccount('root', { role: 'operator', wechat: 'root' })
    const { session, context } = guestSession()
    await fixture.auth['auth/login']({ code: 'wx-root' }, context)
    expect(session.principal).toMatchObject({ kind: 'operator', userId: account.id, username: 'root' })
  })

  it.each([
    ['an unbound WeChat user', 'wx-nobody', 1001],
    ['a code that WeChat refuses', 'expired', 1003],
    ['WeChat being out of reach', 'unreachable', 1006],
    ['a disabled account', 'wx-bob', 1007],
  ])('answers %s (%s) with %i and leaves the session a guest', async (_case, code, refused) => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob', { wechat: 'bob', disabled: true })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/login']({ code }, context)).toMatchObject({ refused })
    expect(session.principal.kind).toBe('guest')
    expect(fixture.records.size).toBe(0)
    expect(fixture.announced).toEqual([])
  })

  it('refuses an address after too many refused codes, without asking WeChat again', async () => {
    const fixture = createAuthFixture({ limits: { address: { points: 2, durationSeconds: 60 } } })
    await fixture.addAccount('bob', { wechat: 'bob' })
    for (let i = 0; i < 2; i++) await fixture.auth['auth/login']({ code: 'expired' }, guestSession().context)
    const asked = fixture.codesSent.length
    const answer = await fixture.auth['auth/login']({ code: 'wx-bob' }, guestSession().context)
    expect(answer).toEqual({ refused: 4029, retryAfterSeconds: 60 })
    expect(fixture.codesSent).toHaveLength(asked)
    const elsewhere = guestSession({ address: '192.0.2.2' }).context
    expect(await fixture.auth['auth/login']({ code: 'wx-bob' }, elsewhere)).toBeTypeOf('string')
  })

  it('does not hold WeChat being out of reach against the address', async () => {
    const fixture = createAuthFixture({ limits: { address: { points: 1, durationSeconds: 60 } } })
    for (let i = 0; i < 3; i++)
      expect(await fixture.auth['auth/login']({ code: 'unreachable' }, guestSession().context)).toEqual(refuse(1006))
  })

  it('refuses a WeChat user that signs in too often, from whatever address', async () => {
    const fixture = createAuthFixture({ limits: { wechat: { points: 1, durationSeconds: 60 } } })
    await fixture.addAccount('bob', { wechat: 'bob' })
    await fixture.auth['auth/login']({ code: 'wx-bob' }, guestSession().context)
    const again = guestSession({ address: '192.0.2.2' })
    expect(await fixture.auth['auth/login']({ code: 'wx-bob' }, again.context)).toMatchObject({ refused: 4029 })
    expect(again.session.principal.kind).toBe('guest')
  })
})

describe('auth/bind', () => {
  it('links the WeChat user to the account and signs in', async () => {
    const fixture = createAuthFixture()
    const account = await fixture.addAccount('bob')
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/bind'](bob, context)).toBeTypeOf('string')
    expect(userOf(session).userId).toBe(account.id)
    expect(fixture.links).toEqual(new Map([['hash-of-openid-bob', account.id]]))
    expect(fixture.announced).toMatchObject([{ event: 'signed-in', detail: { operation: 'auth/bind' } }])
  })

  it('gives one account several WeChat users, and may be repeated', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob', { wechat: 'bob' })
    expect(await fixture.auth['auth/bind'](bob, guestSession().context)).toBeTypeOf('string')
    expect(await fixture.auth['auth/bind']({ ...bob, code: 'wx-wife' }, guestSession().context)).toBeTypeOf('string')
    expect(fixture.links.size).toBe(2)
  })

  it.each([
    ['a wrong password', { password: digest('wrong') }],
    ['a name that does not exist', { username: 'nobody' }],
    ['an operator, even with the right password', { username: 'root' }],
  ])('answers %s with 1 after one run of argon2, and does not use up the code', async (_case, wrong) => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    await fixture.addAccount('root', { role: 'operator' })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/bind']({ ...bob, ...wrong }, context)).toEqual({ refused: 1 })
    expect(fixture.argon2Runs.verify).toBe(1)
    expect(fixture.codesSent).toEqual([])
    expect(fixture.links.size).toBe(0)
    expect(session.principal.kind).toBe('guest')
  })

  it('says that the account is disabled only to somebody who knows the password', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob', { disabled: true })
    const wrong = { ...bob, password: digest('wrong') }
    expect(await fixture.auth['auth/bind'](wrong, guestSession().context)).toEqual({ refused: 1 })
    expect(await fixture.auth['auth/bind'](bob, guestSession().context)).toEqual({ refused: 1007 })
    expect(fixture.codesSent).toEqual([])
  })

  it.each([
    ['another account has the WeChat user', 'wx-alice', 1005],
    ['WeChat refuses the code', 'expired', 1003],
    ['WeChat is out of reach', 'unreachable', 1006],
  ])('stores nothing when %s (%s: %i)', async (_case, code, refused) => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    const alice = await fixture.addAccount('alice', { wechat: 'alice' })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/bind']({ ...bob, code }, context)).toMatchObject({ refused })
    expect(fixture.links).toEqual(new Map([['hash-of-openid-alice', alice.id]]))
    expect(fixture.records.size).toBe(0)
    expect(session.principal.kind).toBe('guest')
  })

  it('makes no link when the password is changed while WeChat is being asked', async () => {
    const fixture = createAuthFixture({ limits: { wechat: { points: 5, durationSeconds: 60 } } })
    const account = await fixture.addAccount('bob')
    const countWechat = fixture.limits.countWechat
    fixture.limits.countWechat = async id => {
      await fixture.store.setPasswordHash(account.id, 'another')
      return countWechat(id)
    }
    expect(await fixture.auth['auth/bind'](bob, guestSession().context)).toEqual({ refused: 1 })
    expect(fixture.links.size).toBe(0)
  })

  it('leaves no link behind a reset of the password that comes at the last moment', async () => {
    const fixture = createAuthFixture()
    const account = await fixture.addAccount('bob')
    const { accountByWechat } = fixture.store
    fixture.store.accountByWechat = async wechatId => {
      await fixture.store.setPasswordHash(account.id, 'another')
      await fixture.store.unlinkWechat(account.id)
      return accountByWechat(wechatId)
    }
    expect(await fixture.auth['auth/bind'](bob, guestSession().context)).toEqual({ refused: 1 })
    expect(fixture.links.size).toBe(0)
  })
})

describe('auth/register', () => {
  it('makes an account bound to the WeChat user, keeps only an argon2id hash, and signs in', async () => {
    const fixture = createAuthFixture()
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/register'](bob, context)).toBeTypeOf('string')
    const [account] = fixture.accounts.values()
    expect(account).toMatchObject({ username: 'bob', role: 'user', disabled: false, createdAtMs: fixture.now() })
    expect(account?.passwordHash).toMatch(/^\$argon2id\$/)
    expect(userOf(session).userId).toBe(account?.id)
    expect(fixture.links.get('hash-of-openid-bob')).toBe(account?.id)
    expect(await fixture.auth['auth/signin'](bob, guestSession().context)).toBeTypeOf('string')
  })

  it('takes the name in any spelling afterwards', async () => {
    const fixture = createAuthFixture()
    await fixture.auth['auth/register'](bob, guestSession().context)
    const { session, context } = guestSession()
    const spelled = { ...bob, username: bob.username.toUpperCase() }
    expect(await fixture.auth['auth/signin'](spelled, context)).toBeTypeOf('string')
    expect(userOf(session).username).toBe(bob.username)
  })

  it('keeps the user name in Unicode form C', async () => {
    const fixture = createAuthFixture()
    await fixture.auth['auth/register']({ ...bob, username: 'Zoe\u0308' }, guestSession().context)
    expect([...fixture.accounts.values()].map(account => account.username)).toEqual(['Zo\u00eb'])
  })

  it.each([
    ['the name is taken', { username: 'alice' }, 1004],
    ['the name is taken in other letters', { username: 'ALICE' }, 1004],
    ['the name is taken in letters of full width', { username: '\uff41\uff4c\uff49\uff43\uff45' }, 1004],
    ['the WeChat user is bound', { code: 'wx-alice' }, 1005],
    ['WeChat refuses the code', { code: 'expired' }, 1003],
    ['WeChat is out of reach', { code: 'unreachable' }, 1006],
  ])('stores nothing and spends no argon2 when %s', async (_case, wrong, refused) => {
    const fixture = createAuthFixture()
    await fixture.addAccount('alice', { wechat: 'alice' })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/register']({ ...bob, ...wrong }, context)).toMatchObject({ refused })
    expect(fixture.accounts.size).toBe(1)
    expect(fixture.links.size).toBe(1)
    expect(fixture.argon2Runs.hash).toBe(0)
    expect(session.principal.kind).toBe('guest')
  })

  it.each([
    ['taken', 1004],
    ['linked', 1005],
  ] as const)('believes the store when it says "%s" after all (%i)', async (created, refused) => {
    const fixture = createAuthFixture()
    fixture.store.createAccount = async () => created
    expect(await fixture.auth['auth/register'](bob, guestSession().context)).toMatchObject({ refused })
  })

  it('refuses an address that registers too often', async () => {
    const fixture = createAuthFixture({ limits: { registration: { points: 1, durationSeconds: 60 } } })
    expect(await fixture.auth['auth/register'](bob, guestSession().context)).toBeTypeOf('string')
    const another = { ...bob, username: 'carol', code: 'wx-carol' }
    expect(await fixture.auth['auth/register'](another, guestSession().context)).toMatchObject({ refused: 4029 })
    expect(fixture.accounts.size).toBe(1)
  })

  it('refuses an address after too many failures', async () => {
    const fixture = createAuthFixture({ limits: { address: { points: 1, durationSeconds: 60 } } })
    await fixture.auth['auth/register']({ ...bob, code: 'expired' }, guestSession().context)
    expect(await fixture.auth['auth/register'](bob, guestSession().context)).toMatchObject({ refused: 4029 })
  })

  it("holds WeChat's own faults, and ours, against nobody", async () => {
    const fixture = createAuthFixture({ limits: { address: { points: 1, durationSeconds: 60 } } })
    for (let n = 0; n < 10; n++) {
      const refusal = await fixture.auth['auth/register']({ ...bob, code: 'misconfigured' }, guestSession().context)
      expect(refusal).toEqual({ refused: 1003 })
    }
    expect(await fixture.auth['auth/register'](bob, guestSession().context)).toBeTypeOf('string')
  })

  it('answers 4029 and stores nothing when the password pool is full', async () => {
    const stuck = { hash: () => new Promise<string>(() => {}), verify: () => new Promise<boolean>(() => {}) }
    const fixture = createAuthFixture({ passwords: { concurrency: 1, maxQueued: 0, argon2: stuck } })
    void fixture.passwords.hash('occupies the only place')
    expect(await fixture.auth['auth/register'](bob, guestSession().context)).toMatchObject({ refused: 4029 })
    expect(fixture.accounts.size).toBe(0)
  })
})

describe('auth/signin', () => {
  it('signs operators and users in by name and password', async () => {
    const fixture = createAuthFixture()
    const root = await fixture.addAccount('root', { role: 'operator' })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/signin']({ username: 'root', password: digest('secret') }, context)).toBeTypeOf(
      'string',
    )
    expect(session.principal).toMatchObject({ kind: 'operator', userId: root.id })
  })

  it.each([
    ['a wrong password', { password: digest('wrong') }, 1],
    ['a name that does not exist', { username: 'nobody' }, 1],
    ['a disabled account with the right password', { username: 'gone' }, 1007],
  ])('answers %s after exactly one run of argon2', async (_case, wrong, refused) => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    await fixture.addAccount('gone', { disabled: true })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/signin']({ ...bob, ...wrong }, context)).toMatchObject({ refused })
    expect(fixture.argon2Runs.verify).toBe(1)
    expect(session.principal.kind).toBe('guest')
  })
})
