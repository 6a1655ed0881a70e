import { describe, expect, it } from 'vitest'
import { createTokenAuthenticator, type TokenPrincipal } from '../../../../src/accounts/tokens/token-authenticator.ts'
import { createAuthFixture } from '../auth-fixture.ts'

function setUp() {
  const fixture = createAuthFixture()
  const authenticator = createTokenAuthenticator(fixture)
  async function principalOf(token: string): Promise<TokenPrincipal> {
    const principal = await authenticator.authenticate(token)
    if (typeof principal === 'string') throw new Error(principal)
    return principal
  }
  return { ...fixture, authenticator, principalOf }
}

describe('authenticating a token', () => {
  it('gives a user with the grants of the store', async () => {
    const { addAccount, tokens, grants, authenticator } = setUp()
    const account = await addAccount('bob')
    grants.set(account.id, new Map([['lamp', 'owner']]))
    const { token, id, expiresAtMs } = await tokens.issueForAccount(account)
    expect(await authenticator.authenticate(token)).toEqual({
      kind: 'user',
      userId: account.id,
      username: 'bob',
      grants: new Map([['lamp', 'owner']]),
      token: { id, expiresAtMs },
    })
  })

  it('gives an operator, and a service with the acl of its token', async () => {
    const { addAccount, tokens, authenticator } = setUp()
    const root = await tokens.issueForAccount(await addAccount('root', { role: 'operator' }))
    expect(await authenticator.authenticate(root.token)).toEqual({
      kind: 'operator',
      userId: 'id-of-root',
      username: 'root',
      token: { id: root.id, expiresAtMs: root.expiresAtMs },
    })
    const acl = [{ permission: 'allow', action: 'subscribe', topic: 'app/#' }] as const
    const service = await tokens.issueForService('node-red', acl, 60)
    expect(await authenticator.authenticate(service.token)).toEqual({
      kind: 'service',
      name: 'node-red',
      acl,
      token: { id: service.id, expiresAtMs: service.expiresAtMs },
    })
  })

  it('refuses what the tokens refuse, with their reason', async () => {
    const { addAccount, tokens, authenticator } = setUp()
    const { token, id } = await tokens.issueForAccount(await addAccount('bob'))
    await tokens.revoke(id)
    expect(await authenticator.authenticate(token)).toBe('token-revoked')
    expect(await authenticator.authenticate('nonsense')).toBe('bad-credentials')
  })
})

describe('a token whose account changed', () => {
  it.each([
    ['was disabled', 'account-disabled'],
    ['has another role', 'token-revoked'],
    ['is no more', 'bad-credentials'],
  ] as const)('is refused at CONNECT and in open sessions when the account %s', async (how, refusal) => {
    const { addAccount, tokens, store, accounts, authenticator, principalOf } = setUp()
    const account = await addAccount('bob')
    const { token } = await tokens.issueForAccount(account)
    const principal = await principalOf(token)
    if (how === 'was disabled') await store.setDisabled(account.id, true)
    if (how === 'has another role') await store.setRole(account.id, 'operator')
    if (how === 'is no more') accounts.delete(account.id)
    expect(await authenticator.authenticate(token)).toBe(refusal)
    expect(await authenticator.recheck(principal)).toBe(refusal)
  })
})

describe('rechecking a principal', () => {
  it('gives it the grants as they stand now', async () => {
    const { addAccount, tokens, grants, authenticator, principalOf } = setUp()
    const account = await addAccount('bob')
    const principal = await principalOf((await tokens.issueForAccount(account)).token)
    grants.set(account.id, new Map([['lamp', 'viewer']]))
    expect(await authenticator.recheck(principal)).toEqual({ ...principal, grants: new Map([['lamp', 'viewer']]) })
  })

  it('refuses it once its token is revoked or no longer on record, services too', async () => {
    const { addAccount, tokens, records, authenticator, principalOf } = setUp()
    const user = await principalOf((await tokens.issueForAccount(await addAccount('bob'))).token)
    const service = await principalOf((await tokens.issueForService('node-red', [], 60)).token)
    expect(await authenticator.recheck(service)).toEqual(service)
    for (const { token } of [user, service]) await tokens.revoke(token.id)
    expect(await authenticator.recheck(user)).toBe('token-revoked')
    expect(await authenticator.recheck(service)).toBe('token-revoked')
    records.clear()
    expect(await authenticator.recheck(service)).toBe('token-revoked')
  })
})
