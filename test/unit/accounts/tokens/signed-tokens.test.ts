import { generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { KeyRing } from '../../../../src/accounts/tokens/key-ring.ts'
import { createSignedTokens } from '../../../../src/accounts/tokens/signed-tokens.ts'

const startMs = 1_700_000_000_000
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

function setUp() {
  let nowMs = startMs
  const first = pair()
  let verifying = new Map([['k1', first.publicKey]])
  const keys: KeyRing = {
    algorithm: 'ES256',
    signingKey: () => ({ kid: 'k1', key: first.privateKey }),
    verifyingKey: kid => verifying.get(kid),
    rotate: async () => 'k1',
    reload: async () => {},
    jwks: () => ({ keys: [] }),
  }
  const signed = createSignedTokens({ keys, issuer: 'latchkey', audience: 'mqtt', now: () => nowMs })
  const token = signed.sign({ sub: 'u1', role: 'user', jti: 't1', iat: startMs / 1000, exp: startMs / 1000 + 60 })
  const verifications = vi.spyOn(jwt, 'verify')
  onTestFinished(() => verifications.mockRestore())
  return {
    signed,
    token,
    verifications,
    pass: (seconds: number) => {
      nowMs += seconds * 1000
    },
    replaceKeys: (next: typeof verifying) => {
      verifying = next
    },
  }
}

test('the signature of a token is looked at once, however often it comes', () => {
  const { signed, token, verifications } = setUp()
  for (let i = 0; i < 3; i++) expect(signed.read(token)).toMatchObject({ jti: 't1' })
  expect(verifications).toHaveBeenCalledTimes(1)
})

test('a token that was read before is refused from its end on', () => {
  const { signed, token, pass } = setUp()
  expect(signed.read(token)).toMatchObject({ jti: 't1' })
  pass(59)
  expect(signed.read(token)).toMatchObject({ jti: 't1' })
  pass(1)
  expect(signed.read(token)).toBe('token-expired')
})

test('a token that was read before is refused when its key is gone, or another by its name', () => {
  const { signed, token, replaceKeys } = setUp()
  expect(signed.read(token)).toMatchObject({ jti: 't1' })
  replaceKeys(new Map())
  expect(signed.read(token)).toBe('bad-credentials')
  replaceKeys(new Map([['k1', pair().publicKey]]))
  expect(signed.read(token)).toBe('bad-credentials')
})

test('what has another signature is never remembered in place of it', () => {
  const { signed, token, verifications } = setUp()
  expect(signed.read(token)).toMatchObject({ jti: 't1' })
  const forged = `${token.slice(0, -8)}AAAAAAAA`
  for (let i = 0; i < 3; i++) expect(signed.read(forged)).toBe('bad-credentials')
  expect(verifications).toHaveBeenCalledTimes(4)
})

test('the clock of its issuer may be a minute ahead, and not more, also for a token that was read before', () => {
  const { signed, token, pass } = setUp()
  expect(signed.read(token)).toMatchObject({ jti: 't1' })
  pass(-61)
  expect(signed.read(token)).toBe('bad-credentials')
})
