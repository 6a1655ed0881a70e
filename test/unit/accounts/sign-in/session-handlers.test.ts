import { describe, expect, it, test } from 'vitest'
import { isRefusal, refuse } from '../../../../src/domain/refusal.ts'
import type { RequestContext } from '../../../../src/domain/request.ts'
import { type AuthFixture, createAuthFixture, digest, guestSession, signedIn, userOf } from '../auth-fixture.ts'

const secret = digest('secret')

describe('auth/refresh', () => {
  it('gives the session another token of the same account and leaves the old one in force', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    const { token: old, session, context } = await signedIn(fixture, 'bob')
    fixture.grants.set(id, new Map([['lamp', 'viewer']]))

    const token = await fixture.auth['auth/refresh']({}, context)

    const { claims } = Object(await fixture.tokens.verify(String(token)))
    expect(claims).toMatchObject({ sub: id })
    expect(userOf(session)).toMatchObject({
      userId: id,
      grants: new Map([['lamp', 'viewer']]),
      token: { id: claims.jti },
    })
    expect(claims.jti).not.toBe(context.principal.token.id)
    expect(await fixture.tokens.verify(old)).toBeTypeOf('object')
    expect(fixture.announced).toEqual([])
  })

  it('answers 1007 when the account was disabled', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    const { session, context } = await signedIn(fixture, 'bob')
    await fixture.store.setDisabled(id, true)
    expect(await fixture.auth['auth/refresh']({}, context)).toEqual({ refused: 1007 })
    expect(session.principal).toBe(context.principal)
  })

  it('answers 4003 when the token was revoked', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    await fixture.tokens.revoke(context.principal.token.id)
    expect(await fixture.auth['auth/refresh']({}, context)).toEqual({ refused: 4003 })
  })

  it('answers 4003 when the account was deleted', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    fixture.accounts.delete(id)
    expect(await fixture.auth['auth/refresh']({}, context)).toEqual({ refused: 4003 })
  })
})

describe('auth/logout', () => {
  it('revokes this token alone, tells the other sessions that hold it, and makes this one a guest', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    const phone = await signedIn(fixture, 'bob', { clientId: 'phone' })
    const tablet = await signedIn(fixture, 'bob', { clientId: 'tablet' })

    expect(await fixture.auth['auth/logout']({}, phone.context)).toEqual({})

    expect(phone.session.principal.kind).toBe('guest')
    expect(await fixture.tokens.verify(phone.token)).toBe('token-revoked')
    expect(await fixture.tokens.verify(tablet.token)).toBeTypeOf('object')
    const { id: tokenId, familyId } = phone.context.principal.token
    expect(familyId).toBeTypeOf('string')
    expect(fixture.announced).toEqual([{ event: 'token-revoked', detail: { tokenId, familyId, reason: 'logged-out' } }])
  })

  it('revokes every token of the account when asked to log out everywhere', async () => {
    const fixture = createAuthFixture()
    const { id: userId } = await fixture.addAccount('bob')
    const phone = await signedIn(fixture, 'bob', { clientId: 'phone' })
    const tablet = await signedIn(fixture, 'bob', { clientId: 'tablet' })

    expect(await fixture.auth['auth/logout']({ everywhere: true }, phone.context)).toEqual({})

    expect(phone.session.principal.kind).toBe('guest')
    expect(await fixture.tokens.verify(phone.token)).toBe('token-revoked')
    expect(await fixture.tokens.verify(tablet.token)).toBe('token-revoked')
    expect(fixture.announced).toEqual([{ event: 'account-signed-out', detail: { userId, reason: 'logged-out' } }])
  })
})

describe('auth/unbind', () => {
  it('removes the WeChat links, revokes every token, and makes this session a guest', async () => {
    const fixture = createAuthFixture()
    const { id: userId } = await fixture.addAccount('bob', { wechat: 'bob' })
    const { token, session, context } = await signedIn(fixture, 'bob')

    expect(await fixture.auth['auth/unbind']({ password: secret }, context)).toEqual({})

    expect(session.principal.kind).toBe('guest')
    expect(fixture.links.size).toBe(0)
    expect(await fixture.tokens.verify(token)).toBe('token-revoked')
    expect(fixture.announced).toEqual([{ event: 'account-signed-out', detail: { userId, reason: 'unbound' } }])
    expect(await fixture.auth['auth/login']({ code: 'wx-bob' }, guestSession().context)).toEqual({ refused: 1001 })
  })

  it('answers a wrong password with 1 and changes nothing', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob', { wechat: 'bob' })
    const { token, session, context } = await signedIn(fixture, 'bob')
    expect(await fixture.auth['auth/unbind']({ password: digest('wrong') }, context)).toEqual({ refused: 1 })
    expect(session.principal).toBe(context.principal)
    expect(fixture.links.size).toBe(1)
    expect(await fixture.tokens.verify(token)).toBeTypeOf('object')
    expect(fixture.announced).toEqual([])
  })

  it('is limited like any other use of the password', async () => {
    const fixture = createAuthFixture({ limits: { password: { points: 1, durationSeconds: 60 } } })
    await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    await fixture.auth['auth/unbind']({ password: digest('wrong') }, context)
    expect(await fixture.auth['auth/unbind']({ password: secret }, context)).toMatchObject({ refused: 4029 })
  })
})

test.each([
  ['auth/password', ({ auth }, context) => auth['auth/password']({ current: secret, next: secret }, context)],
  ['auth/unbind', ({ auth }, context) => auth['auth/unbind']({ password: secret }, context)],
] satisfies [string, (fixture: AuthFixture, context: RequestContext<'user'>) => unknown][])(
  '%s of an open session is not locked by who guesses at its name next door',
  async (_operation, ask) => {
    const fixture = createAuthFixture({ limits: { password: { points: 1, durationSeconds: 60 } } })
    await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    const guess = { username: 'bob', password: digest('wrong') }
    await fixture.auth['auth/signin'](guess, guestSession().context)
    expect(await fixture.auth['auth/signin'](guess, guestSession().context)).toMatchObject({ refused: 4029 })
    expect(isRefusal(await ask(fixture, context))).toBe(false)
  },
)

describe('auth/password', () => {
  it('sets the next password, has this session go on by a token of a new family, and revokes every token of before', async () => {
    const fixture = createAuthFixture()
    const { id: userId } = await fixture.addAccount('bob')
    const phone = await signedIn(fixture, 'bob', { clientId: 'phone' })
    const tablet = await signedIn(fixture, 'bob', { clientId: 'tablet' })

    const answer = await fixture.auth['auth/password']({ current: secret, next: digest('better') }, phone.context)

    const { claims, record } = Object(await fixture.tokens.verify(Object(answer).token))
    expect(userOf(phone.session).token).toMatchObject({ id: claims.jti, familyId: record.family.id })
    expect(record.family.id).not.toBe(phone.context.principal.token.familyId)
    for (const { token } of [phone, tablet]) expect(await fixture.tokens.verify(token)).toBe('token-revoked')
    expect(fixture.announced).toEqual([
      { event: 'account-signed-out', detail: { userId, reason: 'password-changed', exceptTokenId: claims.jti } },
    ])
    const signIn = (password: string) =>
      fixture.auth['auth/signin']({ username: 'bob', password }, guestSession().context)
    expect(await signIn(secret)).toEqual({ refused: 1 })
    expect(await signIn(digest('better'))).toBeTypeOf('string')
  })

  it('of two at once leaves one session, by the password that stays', async () => {
    const fixture = createAuthFixture()
    await fixture.addAccount('bob')
    const phone = await signedIn(fixture, 'bob', { clientId: 'phone' })
    const tablet = await signedIn(fixture, 'bob', { clientId: 'tablet' })
    const change = (next: string, { context }: typeof phone) =>
      fixture.auth['auth/password']({ current: secret, next: digest(next) }, context)
    const answers = await Promise.all([change('one', phone), change('two', tablet)])
    const inForce = await Promise.all(answers.map(answer => fixture.tokens.verify(Object(answer).token ?? '')))
    expect(inForce.filter(verified => typeof verified === 'object')).toHaveLength(1)
    const nth = inForce.findIndex(verified => typeof verified === 'object')
    const password = digest(['one', 'two'][nth] ?? '')
    expect(await fixture.auth['auth/signin']({ username: 'bob', password }, guestSession().context)).toBeTypeOf(
      'string',
    )
  })

  it('ends every session, this one too, when the account is disabled meanwhile', async () => {
    const fixture = createAuthFixture()
    const { id: userId } = await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    const { revokeTokensOf } = fixture.store
    fixture.store.revokeTokensOf = async subject => {
      await fixture.store.setDisabled(userId, true)
      await revokeTokensOf(subject)
    }
    const answer = await fixture.auth['auth/password']({ current: secret, next: digest('better') }, context)
    expect(answer).toMatchObject({ refused: 5000 })
    expect(fixture.announced).toEqual([{ event: 'account-signed-out', detail: { userId, reason: 'password-changed' } }])
    expect([...fixture.records.values()].filter(({ revoked }) => !revoked)).toEqual([])
  })

  it('answers a wrong current password with 1 and changes nothing', async () => {
    const fixture = createAuthFixture()
    const { id, passwordHash } = await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    const answer = await fixture.auth['auth/password']({ current: digest('wrong'), next: secret }, context)
    expect(answer).toEqual({ refused: 1 })
    expect(fixture.accounts.get(id)?.passwordHash).toBe(passwordHash)
    expect(fixture.announced).toEqual([])
  })

  it('answers 4029 and changes nothing when the password pool is full', async () => {
    const fixture = createAuthFixture()
    const { id, passwordHash } = await fixture.addAccount('bob')
    const { context } = await signedIn(fixture, 'bob')
    fixture.passwords.hash = async () => refuse(4029, { retryAfterSeconds: 2 })
    const answer = await fixture.auth['auth/password']({ current: secret, next: digest('better') }, context)
    expect(answer).toEqual({ refused: 4029, retryAfterSeconds: 2 })
    expect(fixture.accounts.get(id)?.passwordHash).toBe(passwordHash)
    expect(fixture.announced).toEqual([])
  })
})
