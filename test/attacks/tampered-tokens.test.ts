import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { expect, test } from 'vitest'
import { connectGuest, connectWithToken } from '../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { logged, operatorToken, registerUser } from '../support/story.ts'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What an attacker has: the public key, as everybody may read it, a token of their own, and one key that is theirs. */
async function attackerOf({ httpUrl }: RunningApp, token: string) {
  const answer = await fetch(`${httpUrl}/.well-known/jwks.json`)
  const { keys } = (await answer.json()) as { keys: { kid: string }[] }
  const [jwk] = keys
  if (!jwk) throw new Error('no public key')
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const claims = jwt.decode(token, { json: true }) ?? {}
  const signed = (changes: object, keyid = jwk.kid) =>
    jwt.sign({ ...claims, ...changes }, privateKey, { algorithm: 'ES256', keyid })
  return { publicKey, kid: jwk.kid, claims, signed }
}

test('a token that was tampered with is CONNACK 4, signs nobody in, and its owner notices nothing', async () => {
  await using running = await startApp()
  const { client: mallory, token } = await registerUser(running, 'mallory')
  const { publicKey, kid, claims, signed } = await attackerOf(running, token)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const asOperator = { ...claims, role: 'operator' }
  const hs256 = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part(asOperator)}`
  const tampered = {
    'alg none': `${part({ alg: 'none', typ: 'JWT', kid })}.${part(asOperator)}.`,
    'alg none, with a signature': `${part({ alg: 'none', typ: 'JWT', kid })}.${payload}.${signature}`,
    'HS256 with the public key for a secret': jwtHs256(hs256, publicKey),
    'another key under our kid': signed({}),
    'a kid of nobody': signed({}, 'foreign'),
    'a kid that is a path': signed({}, '../../../../dev/null'),
    'another audience': signed({ aud: 'elsewhere' }),
    'a role that is not theirs': `${header}.${part(asOperator)}.${signature}`,
    'another exp': `${header}.${part({ ...claims, exp: 4_102_444_800 })}.${signature}`,
    'no signature': `${header}.${payload}.`,
  }
  for (const [what, text] of Object.entries(tampered)) {
    await expect(connectWithToken(running.wsUrl, text, { clientId: 'forged' }), what).rejects.toMatchObject({ code: 4 })
    const metrics = await fetch(`${running.httpUrl}/metrics`, {
      headers: { authorization: `Bearer ${text}`, 'x-forwarded-for': '192.0.2.1' },
    })
    expect(metrics.status, what).not.toBe(200)
  }
  expect(logged(running, '"session-opened"', '"forged"')).toBe(false)
  await using guest = await connectGuest(running.wsUrl, { clientId: 'forged' }) // the name is nobody's
  expect((await guest.request('account/me')).code).toBe(4003)
  expect((await mallory.request('account/me')).data).toMatchObject({ username: 'mallory', role: 'user' })
  await mallory[Symbol.asyncDispose]()
})

const jwtHs256 = (signingInput: string, secret: string): string => {
  return `${signingInput}.${createHmac('sha256', secret).update(signingInput).digest('base64url')}`
}

test('a token of another installation with the same names is refused, for another audience too', async () => {
  await using ours = await startApp()
  await using theirs = await startApp({
    configure: c => ({ ...c, tokens: { ...c.tokens, audience: 'elsewhere' } }),
  })
  await using same = await startApp()
  for (const other of [theirs, same]) {
    const token = await operatorToken(other)
    await expect(connectWithToken(ours.wsUrl, token)).rejects.toMatchObject({ code: 4 })
  }
})

test('with the very key, a token for another audience is refused all the same', async () => {
  await using running = await startApp()
  await using elsewhere = await startApp({
    dataDir: running.config.dataDir,
    configure: c => ({ ...c, tokens: { ...c.tokens, audience: 'elsewhere' } }),
  })
  const token = await operatorToken(elsewhere)
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 4 })
  await using right = await connectWithToken(running.wsUrl, await operatorToken(running, 'right'))
  expect((await right.request('account/me')).code).toBe(0)
})
