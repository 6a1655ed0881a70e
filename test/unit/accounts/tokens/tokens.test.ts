import { generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { accountAcl } from '../../../../src/accounts/tokens/account-acl.ts'
import { aclHash } from '../../../../src/accounts/tokens/acl-hash.ts'
import { maxTokenLength } from '../../../../src/accounts/tokens/signed-tokens.ts'
import { createTokens, type TokenOptions } from '../../../../src/accounts/tokens/tokens.ts'
import type { TokenAlgorithm } from '../../../../src/data-folder/signing-key-files.ts'
import { createFakeAccountStore } from '../fake-account-store.ts'
import { createFakeKeyRing } from '../fake-key-ring.ts'

const bob = { id: 'id-of-bob', username: 'bob', role: 'user', disabled: false, createdAtMs: 0 } as const
const startMs = 1_800_000_000_000
const startSeconds = startMs / 1000

function setUp({ algorithm = 'ES256', ...more }: Partial<TokenOptions> & { algorithm?: TokenAlgorithm } = {}) {
  const clock = { nowMs: startMs }
  const ring = createFakeKeyRing(algorithm)
  const fake = createFakeAccountStore()
  const tokens = createTokens({
    keys: ring.keys,
    store: fake.store,
    issuer: 'latchkey',
    audience: 'home',
    lifetimeSeconds: 3600,
    familyMaxDays: 90,
    now: () => clock.nowMs,
    aclClaim: false,
    ...more,
  })
  /** A token made outside, over claims that are right and on record but for `wrong`. */
  async function forge(wrong: object, options: jwt.SignOptions = {}, key: jwt.Secret = ring.signing) {
    const { id } = await tokens.issueForAccount(bob)
    const right = {
      iss: 'latchkey',
      aud: 'home',
      sub: bob.id,
      role: 'user',
      jti: id,
      iat: startSeconds,
      exp: startSeconds + 3600,
    }
    const claims = Object.fromEntries(Object.entries({ ...right, ...wrong }).filter(([, value]) => value !== undefined))
    return jwt.sign(claims, key, { algorithm, keyid: 'test-key', ...options })
  }
  return { tokens, clock, forge, ...ring, ...fake }
}

describe.each(['ES256', 'HS256'] as const)('a token signed by %s', algorithm => {
  it('carries the claims of design section 5 and is on record', async () => {
    const { tokens, records } = setUp({ algorithm })
    const { token, id, expiresAtMs } = await tokens.issueForAccount(bob)
    expect(jwt.decode(token, { complete: true })).toMatchObject({
      header: { alg: algorithm, typ: 'JWT', kid: 'test-key' },
      payload: {
        iss: 'latchkey',
        aud: 'home',
        sub: bob.id,
        role: 'user',
        jti: id,
        iat: startSeconds,
        exp: startSeconds + 3600,
      },
    })
    expect(expiresAtMs).toBe(startMs + 3_600_000)
    const record = {
      id,
      subject: bob.id,
      role: 'user',
      issuedAtMs: startMs,
      expiresAtMs,
      revoked: false,
      aclHash: aclHash(undefined),
    }
    expect([...records.values()]).toEqual([record])
    expect(await tokens.verify(token)).toEqual({ claims: jwt.decode(token), record })
  })

  it('is accepted when it was forged by nobody', async () => {
    const { tokens, forge } = setUp({ algorithm })
    expect(await tokens.verify(await forge({}))).toBeTypeOf('object')
  })
})

it('lives as long as asked, to the second of exp and without leeway', async () => {
  const { tokens, clock } = setUp()
  const { token, expiresAtMs } = await tokens.issueForAccount(bob, 10)
  expect(expiresAtMs).toBe(startMs + 10_000)
  clock.nowMs = expiresAtMs - 1
  expect(await tokens.verify(token)).toBeTypeOf('object')
  clock.nowMs = expiresAtMs
  expect(await tokens.verify(token)).toBe('token-expired')
})

it.each([0, -1, 1.5, Number.NaN])('is not issued for %s seconds', async ttlSeconds => {
  const { tokens, records } = setUp()
  await expect(tokens.issueForAccount(bob, ttlSeconds)).rejects.toThrow(RangeError)
  expect(records.size).toBe(0)
})

it('of a service carries its acl', async () => {
  const { tokens, records } = setUp()
  const acl = [{ permission: 'allow', action: 'publish', topic: 'app/#' }] as const
  const { token, id } = await tokens.issueForService('node-red', acl, 60)
  expect(await tokens.verify(token)).toMatchObject({ claims: { sub: 'node-red', role: 'service', acl } })
  expect(records.get(id)).toMatchObject({ subject: 'node-red', role: 'service' })
})

it('is refused once revoked', async () => {
  const { tokens } = setUp()
  const { token, id } = await tokens.issueForAccount(bob)
  await tokens.revoke(id)
  expect(await tokens.verify(token)).toBe('token-revoked')
})

it('is refused when it is not on record, however well signed', async () => {
  const { tokens, forge } = setUp()
  expect(await tokens.verify(await forge({ jti: 'never-issued' }))).toBe('bad-credentials')
})

describe('a forged token is refused', () => {
  it.each([
    ['for another audience', { aud: 'elsewhere' }],
    ['from another issuer', { iss: 'someone' }],
    ['without exp', { exp: undefined }],
    ['with a role that does not exist', { role: 'god' }],
    ['with several audiences', { aud: ['home', 'elsewhere'] }],
    ['issued more than a minute in the future', { iat: startSeconds + 61 }],
    ['valid only from more than a minute in the future', { nbf: startSeconds + 61 }],
    ['with an acl that is not a list', { acl: 'everything' }],
    ['for another account than is on record', { sub: 'id-of-root' }],
    ['for another role than is on record', { role: 'operator' }],
    ['as a service, which needs no account', { role: 'service' }],
    ['for longer than is on record', { exp: startSeconds + 3601 }],
    ['for shorter than is on record', { exp: startSeconds + 60 }],
    ['with an acl that it was not issued with', { acl: [{ permission: 'allow', action: 'all', topic: '#' }] }],
  ])('%s', async (_case, wrong) => {
    const { tokens, forge } = setUp()
    expect(await tokens.verify(await forge(wrong))).toBe('bad-credentials')
  })

  it('of a service, with one filter more, fewer, or another way to use it', async () => {
    const { tokens, keys, signing } = setUp()
    const acl = [{ permission: 'allow', action: 'subscribe', topic: 'app/#' }] as const
    const { token } = await tokens.issueForService('node-red', acl, 60)
    const sign = (wrong: object) =>
      jwt.sign({ ...Object(jwt.decode(token)), ...wrong }, signing, {
        algorithm: 'ES256',
        keyid: keys.signingKey().kid,
      })
    expect(await tokens.verify(sign({}))).toBeTypeOf('object')
    for (const wrong of [[...acl, { ...acl[0], topic: '#' }], [], undefined, [{ ...acl[0], action: 'all' }]])
      expect(await tokens.verify(sign({ acl: wrong }))).toBe('bad-credentials')
  })

  it.each([[['exp']], [['b64']], [[]]])('with %j in its header for what must be understood', async crit => {
    const { tokens, forge } = setUp()
    const header = { alg: 'ES256' as const, kid: 'test-key', crit }
    expect(await tokens.verify(await forge({}, { header }))).toBe('bad-credentials')
  })

  it('when its time is over', async () => {
    const { tokens, forge } = setUp()
    expect(await tokens.verify(await forge({ iat: startSeconds - 60, exp: startSeconds }))).toBe('token-expired')
  })

  it('unsigned, with alg none', async () => {
    const { tokens, forge } = setUp()
    const [, payload] = (await forge({})).split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT', kid: 'test-key' })).toString('base64url')
    expect(await tokens.verify(`${header}.${payload}.`)).toBe('bad-credentials')
  })

  it('signed by HS256 with our public key for a secret', async () => {
    const { tokens, forge, verifying } = setUp()
    const publicKey = verifying.export({ type: 'spki', format: 'pem' }).toString()
    expect(await tokens.verify(await forge({}, { algorithm: 'HS256' }, publicKey))).toBe('bad-credentials')
  })

  it('signed with our secret by another algorithm than the configured one', async () => {
    const { tokens, forge, signing } = setUp({ algorithm: 'HS256' })
    const options = { algorithm: 'HS512', allowInsecureKeySizes: true } as const
    expect(await tokens.verify(await forge({}, options, signing))).toBe('bad-credentials')
  })

  it('signed with another key under the kid of ours', async () => {
    const { tokens, forge } = setUp()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await tokens.verify(await forge({}, {}, privateKey))).toBe('bad-credentials')
  })

  it('under a kid that is not in the ring, or under none', async () => {
    const { tokens, forge, signing } = setUp()
    expect(await tokens.verify(await forge({}, { keyid: 'foreign' }))).toBe('bad-credentials')
    const claims = Object(jwt.decode(await forge({})))
    expect(await tokens.verify(jwt.sign(claims, signing, { algorithm: 'ES256' }))).toBe('bad-credentials')
  })

  it('with a changed payload or a changed signature', async () => {
    const { tokens } = setUp()
    const { token } = await tokens.issueForAccount(bob)
    const [header, , signature = ''] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...Object(jwt.decode(token)), role: 'operator' })).toString('base64url')
    expect(await tokens.verify(`${header}.${claims}.${signature}`)).toBe('bad-credentials')
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
    expect(await tokens.verify(token.replace(signature, flipped))).toBe('bad-credentials')
  })

  it('longer than 8 KiB, however well signed', async () => {
    const { tokens, forge } = setUp()
    const token = await forge({ padding: 'x'.repeat(maxTokenLength) })
    expect(await tokens.verify(token)).toBe('bad-credentials')
  })

  it.each(['', 'x', 'a.b.c', '..', 'e30.e30.e30', '\u0000.\u0000.\u0000', 'bnVsbA.bnVsbA.bnVsbA'])(
    'when it is no token at all: %j',
    async text => {
      expect(await setUp().tokens.verify(text)).toBe('bad-credentials')
    },
  )
})

it('accepts a token of an earlier version, whose record says nothing of its acl', async () => {
  const { tokens, records } = setUp()
  const acl = [{ permission: 'allow', action: 'subscribe', topic: 'app/#' }] as const
  const { token, id } = await tokens.issueForService('node-red', acl, 60)
  const { aclHash: _, ...earlier } = Object(records.get(id))
  records.set(id, earlier)
  expect(await tokens.verify(token)).toMatchObject({ claims: { acl } })
})

it('accepts another machine\u2019s clock being up to a minute ahead', async () => {
  const { tokens, forge } = setUp()
  const ahead = startSeconds + 60
  expect(await tokens.verify(await forge({ iat: ahead, nbf: ahead }))).toBeTypeOf('object')
})

describe('with the acl claim on', () => {
  it('an account\u2019s token says what the account may do', async () => {
    const { tokens, grants } = setUp({ aclClaim: true })
    grants.set(bob.id, new Map([['lamp', 'viewer']]))
    const { token } = await tokens.issueForAccount(bob)
    expect(jwt.decode(token)).toMatchObject({ acl: accountAcl('user', new Map([['lamp', 'viewer']])) })
  })

  it('a token of a user with very many devices is still accepted', async () => {
    const { tokens, grants } = setUp({ aclClaim: true })
    const many = Array.from({ length: 500 }, (_, i) => [`${i}`.padStart(64, 'd'), 'owner'] as const)
    grants.set(bob.id, new Map(many))
    const { token } = await tokens.issueForAccount(bob)
    expect(await tokens.verify(token)).toBeTypeOf('object')
  })
})

it('that would be too long to be accepted is neither issued nor recorded', async () => {
  const { tokens, records } = setUp()
  const acl = Array.from(
    { length: 100 },
    () => ({ permission: 'allow', action: 'all', topic: 'x'.repeat(100) }) as const,
  )
  await expect(tokens.issueForService('node-red', acl, 60)).rejects.toThrow(RangeError)
  expect(records.size).toBe(0)
})
