import { describe, expect, it } from 'vitest'
import type { TokenRecord } from '../../../../src/domain/account.ts'
import type { AuthFixture } from '../auth-fixture.ts'
import { createAuthFixture, digest, guestSession, signedIn } from '../auth-fixture.ts'

const bob = { username: 'bob', password: digest('secret') }
const inForce = (records: ReadonlyMap<string, TokenRecord>) => [...records.values()].filter(record => !record.revoked)

/** Lets `change` happen once, right before or right after the next token is put on record. */
function onNextToken({ store }: AuthFixture, when: 'before' | 'after', change: () => Promise<unknown>) {
  const { recordToken, recordSuccessor } = store
  async function around<T>(record: () => Promise<T>): Promise<T> {
    Object.assign(store, { recordToken, recordSuccessor })
    if (when === 'before') await change()
    const recorded = await record()
    if (when === 'after') await change()
    return recorded
  }
  store.recordToken = (token, familyId) => around(() => recordToken(token, familyId))
  store.recordSuccessor = (token, predecessor) => around(() => recordSuccessor(token, predecessor))
}

describe.each(['before', 'after'] as const)('while a sign-in is under way, right %s its token is on record', when => {
  it('disabling the account refuses it', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    onNextToken(fixture, when, async () => {
      await fixture.store.setDisabled(id, true)
      await fixture.store.revokeTokensOf(id)
    })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/signin'](bob, context)).toEqual({ refused: 1007 })
    expect(session.principal.kind).toBe('guest')
    expect(inForce(fixture.records)).toEqual([])
  })

  it('changing the password refuses the old one', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    onNextToken(fixture, when, async () => {
      await fixture.store.setPasswordHash(id, 'another')
      await fixture.store.revokeTokensOf(id)
    })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/signin'](bob, context)).toEqual({ refused: 1 })
    expect(session.principal.kind).toBe('guest')
    expect(inForce(fixture.records)).toEqual([])
  })

  it('unbinding refuses the WeChat user', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob', { wechat: 'bob' })
    onNextToken(fixture, when, async () => {
      await fixture.store.unlinkWechat(id)
      await fixture.store.revokeTokensOf(id)
    })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/login']({ code: 'wx-bob' }, context)).toEqual({ refused: 1001 })
    expect(session.principal.kind).toBe('guest')
    expect(inForce(fixture.records)).toEqual([])
  })

  it('binding the WeChat user to another account signs in to that one', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob', { wechat: 'bob' })
    const other = await fixture.addAccount('carol')
    onNextToken(fixture, when, async () => {
      await fixture.store.unlinkWechat(id)
      await fixture.store.linkWechat('hash-of-openid-bob', other.id, other.passwordHash)
    })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/login']({ code: 'wx-bob' }, context)).toBeTypeOf('string')
    expect(session.principal).toMatchObject({ kind: 'user', userId: other.id })
    expect(inForce(fixture.records)).toMatchObject([{ subject: other.id }])
  })

  it('another role is the one the session gets', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob', { role: 'operator' })
    onNextToken(fixture, when, async () => {
      await fixture.store.setRole(id, 'user')
    })
    const { session, context } = guestSession()
    expect(await fixture.auth['auth/signin'](bob, context)).toBeTypeOf('string')
    expect(session.principal).toMatchObject({ kind: 'user', userId: id })
    expect(inForce(fixture.records)).toMatchObject([{ subject: id, role: 'user' }])
  })

  it('signing out everywhere stops a refresh, which leaves no token behind', async () => {
    const fixture = createAuthFixture()
    const { id } = await fixture.addAccount('bob')
    const { session, context } = await signedIn(fixture, 'bob')
    onNextToken(fixture, when, () => fixture.store.revokeTokensOf(id))
    expect(await fixture.auth['auth/refresh']({}, context)).toEqual({ refused: 4003 })
    expect(session.principal).toBe(context.principal)
    expect(inForce(fixture.records)).toEqual([])
  })
})

it('a session never starts with a token that was revoked in the meantime', async () => {
  const fixture = createAuthFixture()
  const { id } = await fixture.addAccount('bob')
  onNextToken(fixture, 'after', () => fixture.store.revokeTokensOf(id))
  const { session, context } = guestSession()
  expect(await fixture.auth['auth/signin'](bob, context)).toBeTypeOf('string')
  expect(inForce(fixture.records)).toMatchObject([
    { id: session.principal.kind === 'user' && session.principal.token.id, subject: id },
  ])
})
