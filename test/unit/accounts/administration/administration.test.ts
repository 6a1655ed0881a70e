import { describe, expect, it } from 'vitest'
import { createAdministration } from '../../../../src/accounts/administration/administration.ts'
import { createAuthFixture, digest, guestSession } from '../auth-fixture.ts'

function setUp() {
  const fixture = createAuthFixture()
  const administration = createAdministration(fixture)
  const signIn = (username: string, text: string) =>
    fixture.auth['auth/signin']({ username, password: digest(text) }, guestSession().context)
  return { ...fixture, administration, signIn }
}
const bob = { username: 'bob', password: 'correct horse', role: 'user' } as const

describe('accounts', () => {
  it('adds an account that can sign in with its own text', async () => {
    const { administration, signIn, now } = setUp()
    const account = await administration.addAccount(bob)
    expect(account).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'bob',
      role: 'user',
      disabled: false,
      createdAtMs: now(),
    })
    expect(await administration.listAccounts()).toMatchObject([account])
    expect(await signIn('bob', 'correct horse')).toBeTypeOf('string')
  })

  it('keeps the user name in Unicode form C, and refuses one that is taken in any form', async () => {
    const { administration } = setUp()
    expect(await administration.addAccount({ ...bob, username: 'Zoe\u0308' })).toMatchObject({ username: 'Zo\u00eb' })
    for (const username of ['Zoe\u0308', 'Zo\u00eb'])
      expect(await administration.addAccount({ ...bob, username })).toBe('taken')
  })

  it('refuses a name that is none', async () => {
    const { administration, accounts } = setUp()
    expect(await administration.addAccount({ ...bob, username: ' bob' })).toBe('bad-username')
    expect(accounts.size).toBe(0)
  })

  it('enabling revokes no token: what the account had ended when it was disabled', async () => {
    const { administration, store } = setUp()
    await administration.addAccount(bob)
    const issued = await administration.issueToken({ user: 'bob' })
    expect(await administration.setDisabled('bob', false)).toMatchObject({ disabled: false })
    expect(await store.tokenById(Object(issued).id)).toMatchObject({ revoked: false })
    await administration.setDisabled('bob', true)
    expect(await administration.setDisabled('bob', false)).toMatchObject({ disabled: false })
    expect(await store.tokenById(Object(issued).id)).toMatchObject({ revoked: true })
    expect(await administration.setDisabled('nobody', false)).toBe('unknown')
  })

  it.each([
    ['setDisabled', { disabled: true }],
    ['setRole', { role: 'operator' }],
    ['setPassword', {}],
  ] as const)('%s changes the account and revokes its tokens', async (change, expected) => {
    const { administration, tokens, store } = setUp()
    await administration.addAccount(bob)
    const issued = await administration.issueToken({ user: 'bob' })
    const other = await tokens.issueForService('node-red', [], 60)
    const apply = {
      setDisabled: (name: string) => administration.setDisabled(name, true),
      setRole: (name: string) => administration.setRole(name, 'operator'),
      setPassword: (name: string) => administration.setPassword(name, 'another'),
    }[change]

    expect(await apply('bob')).toMatchObject({ username: 'bob', ...expected })

    expect(await store.tokenById(Object(issued).id)).toMatchObject({ revoked: true })
    expect(await store.tokenById(other.id)).toMatchObject({ revoked: false })
    expect(await apply('nobody')).toBe('unknown')
  })

  it('replaces a password', async () => {
    const { administration, signIn } = setUp()
    await administration.addAccount(bob)
    await administration.setPassword('bob', 'another')
    expect(await signIn('bob', 'correct horse')).toEqual({ refused: 1 })
    expect(await signIn('bob', 'another')).toBeTypeOf('string')
  })

  it('enables an account again', async () => {
    const { administration, signIn } = setUp()
    await administration.addAccount(bob)
    await administration.setDisabled('bob', true)
    expect(await signIn('bob', 'correct horse')).toEqual({ refused: 1007 })
    await administration.setDisabled('bob', false)
    expect(await signIn('bob', 'correct horse')).toBeTypeOf('string')
  })
})

describe('tokens', () => {
  it('issues one for an account that exists and is enabled', async () => {
    const { administration, now } = setUp()
    await administration.addAccount(bob)
    expect(await administration.issueToken({ user: 'bob', ttlSeconds: 60 })).toMatchObject({
      expiresAtMs: now() + 60_000,
    })
    expect(await administration.issueToken({ user: 'bob' })).toMatchObject({ expiresAtMs: now() + 12 * 3_600_000 })
    expect(await administration.issueToken({ user: 'nobody' })).toBe('unknown')
    await administration.setDisabled('bob', true)
    expect(await administration.issueToken({ user: 'bob' })).toBe('disabled')
  })

  it('issues one for a service with an acl of its filters, for a year', async () => {
    const { administration, now } = setUp()
    const issued = await administration.issueServiceToken({
      name: 'node-red',
      publish: ['app/#', 'devices/+/set'],
      subscribe: ['devices/+/state'],
    })
    expect(issued).toMatchObject({ expiresAtMs: now() + 365 * 24 * 3_600_000 })
    expect(await administration.inspectToken(Object(issued).token)).toMatchObject({
      verdict: 'accepted',
      claims: {
        sub: 'node-red',
        role: 'service',
        acl: [
          { permission: 'allow', action: 'publish', topic: 'app/#' },
          { permission: 'allow', action: 'publish', topic: 'devices/+/set' },
          { permission: 'allow', action: 'subscribe', topic: 'devices/+/state' },
        ],
      },
    })
  })

  it.each([
    ['a name that is none', { name: 'node red' }, 'the name must be'],
    ['no filter', { publish: [] }, 'at least one filter'],
    ['a filter that is none', { publish: ['app/#', 'app/#/x'] }, '"app/#/x" is not a topic filter'],
    ['publishing a state', { publish: ['devices/+/state'] }, 'may not publish "devices/+/state"'],
    ['publishing everything', { publish: ['#'] }, 'may not publish "#"'],
    ['reading the operators\u2019 topics', { subscribe: ['ops/#'] }, 'may not subscribe "ops/#"'],
    ['more than fits', { subscribe: Array.from({ length: 200 }, (_, i) => `app/${i}`) }, 'too long'],
  ])('refuses a service with %s, saying which, and puts nothing on record', async (_case, wrong, words) => {
    const { administration, records } = setUp()
    const request = { name: 'node-red', publish: ['app/#'], subscribe: [], ...wrong }
    const { problem } = Object(await administration.issueServiceToken(request))
    expect(problem).toContain(words)
    expect(records.size).toBe(0)
  })

  it('shows what a token says and what CONNECT would say to it', async () => {
    const { administration } = setUp()
    await administration.addAccount(bob)
    const { token, id } = Object(await administration.issueToken({ user: 'bob' }))
    expect(await administration.inspectToken(token)).toMatchObject({ claims: { jti: id }, verdict: 'accepted' })
    const tampered = `${token.slice(0, -8)}AAAAAAAA`
    expect(await administration.inspectToken(tampered)).toMatchObject({
      claims: { jti: id },
      verdict: 'bad-credentials',
    })
    await administration.setDisabled('bob', true)
    expect(await administration.inspectToken(token)).toMatchObject({ claims: { jti: id }, verdict: 'token-revoked' })
    for (const text of ['nonsense', 'a.b.c', 'x'.repeat(10_000)])
      expect(await administration.inspectToken(text)).toEqual({ verdict: 'bad-credentials' })
  })

  it('revokes one by its text or by its id', async () => {
    const { administration } = setUp()
    await administration.addAccount(bob)
    const first = Object(await administration.issueToken({ user: 'bob' }))
    const second = Object(await administration.issueToken({ user: 'bob' }))
    expect(await administration.revokeToken(first.token)).toEqual({ id: first.id })
    expect(await administration.inspectToken(first.token)).toMatchObject({ verdict: 'token-revoked' })
    expect(await administration.inspectToken(second.token)).toMatchObject({ verdict: 'accepted' })
    expect(await administration.revokeToken(second.id)).toEqual({ id: second.id })
    expect(await administration.inspectToken(second.token)).toMatchObject({ verdict: 'token-revoked' })
    expect(await administration.revokeToken('never-issued')).toBe('unknown')
  })
})
