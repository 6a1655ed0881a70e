import jwt from 'jsonwebtoken'
import { expect, test } from 'vitest'
import { connectWithToken } from '../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { operatorToken, registerUser, serviceToken } from '../support/story.ts'

/** Signs as we do: who has the file of the signing key, and not the database, can do that. */
function forgerOf({ admin }: RunningApp, token: string) {
  const { kid, key } = admin.keys.signingKey()
  const claims = jwt.decode(token, { json: true }) ?? {}
  return {
    claims,
    forged: (changes: object) => jwt.sign({ ...claims, ...changes }, key, { algorithm: 'ES256', keyid: kid }),
  }
}

test('the signing key alone makes nobody an operator, another user, or a service, and no token longer', async () => {
  await using running = await startApp()
  const { client: mallory, token } = await registerUser(running, 'mallory')
  const { client: alice, userId: aliceId } = await registerUser(running, 'alice')
  const rootToken = await operatorToken(running)
  const { sub: rootId } = forgerOf(running, rootToken).claims
  const { claims, forged } = forgerOf(running, token)
  const everything = [{ permission: 'allow', action: 'all', topic: '#' }]
  await using same = await connectWithToken(running.wsUrl, forged({})) // the very claims: it is the forger's own token
  expect((await same.request('account/me')).data).toMatchObject({ username: 'mallory' })

  const forgeries = {
    'the operator, under a jti on record': forged({ sub: rootId, role: 'operator' }),
    'an operator': forged({ role: 'operator' }),
    'another user': forged({ sub: aliceId }),
    'a service that may do everything': forged({ sub: 'backdoor', role: 'service', acl: everything }),
    'the same for a year': forged({ exp: Number(claims.exp) + 365 * 86_400 }),
    'a jti of nobody': forged({ jti: 'made-up' }),
  }
  for (const [what, text] of Object.entries(forgeries))
    await expect(connectWithToken(running.wsUrl, text), what).rejects.toMatchObject({ code: 4 })
  for (const client of [mallory, alice]) await client[Symbol.asyncDispose]()
})

test('nor does it give a service a filter more than it was issued with', async () => {
  await using running = await startApp()
  const { claims, forged } = forgerOf(running, await serviceToken(running))
  const more = [...claims.acl, { permission: 'allow', action: 'all', topic: 'devices/#' }]
  await expect(connectWithToken(running.wsUrl, forged({ acl: more }))).rejects.toMatchObject({ code: 4 })
  await using same = await connectWithToken(running.wsUrl, forged({}))
  expect(await same.subscribe('app/x')).toBe(0)
})
