import { expect, test } from 'vitest'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { logged, operatorToken, registerUser } from '../../support/story.ts'

const refused = { code: 5 }
const minuteMs = 60_000

test('a phone that lost the reply to its refresh is not signed out: it comes with what it has, and refreshes again', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  expect((await client.request('auth/refresh')).code).toBe(0) // the reply is lost
  await client[Symbol.asyncDispose]()

  await using phone = await connectWithToken(running.wsUrl, token)
  const { data: next } = await phone.request('auth/refresh')
  await using later = await connectWithToken(running.wsUrl, next)
  expect((await phone.request('account/me')).code).toBe(0)
  expect((await later.request('account/me')).code).toBe(0)
  expect(logged(running, '"token-reused"')).toBe(false)
})

test('ten minutes after a refresh CONNECT accepts only the successor; a session that is open with the predecessor goes on, and may refresh', async () => {
  let aheadMs = 0
  await using running = await startApp({ now: () => Date.now() + aheadMs })
  const { client, token } = await registerUser(running, 'alice')
  await using other = await connectWithToken(running.wsUrl, token)
  const { data: next } = await client.request('auth/refresh')
  aheadMs = 11 * minuteMs
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject(refused)
  expect(logged(running, '"token-replaced"')).toBe(true)
  expect(logged(running, '"token-reused"')).toBe(false)
  expect((await other.request('auth/refresh')).code).toBe(0)
  await using later = await connectWithToken(running.wsUrl, next)
  expect((await later.request('account/me')).code).toBe(0)
  await client[Symbol.asyncDispose]()
})

test('a family ends at its age, whatever it was refreshed for', async () => {
  let aheadMs = 0
  const dayMs = 24 * 60 * minuteMs
  await using running = await startApp({
    now: () => Date.now() + aheadMs,
    configure: c => ({ ...c, tokens: { ...c.tokens, lifetimeSeconds: 86_400, familyMaxDays: 2 } }),
  })
  let { client, token } = await registerUser(running, 'alice')
  const expiresAt = async (): Promise<number> =>
    Number(Object((await client.request('account/me')).data).tokenExpiresAt)
  const endsAt = (await expiresAt()) + 86_400
  for (aheadMs of [0.9 * dayMs, 1.7 * dayMs]) {
    const { data } = await client.request('auth/refresh')
    token = data
    await client[Symbol.asyncDispose]()
    client = await connectWithToken(running.wsUrl, token)
  }
  expect(await expiresAt()).toBe(endsAt)
  await client[Symbol.asyncDispose]()
  aheadMs = 2 * dayMs + 1000
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject(refused)
})

test('an operator who revokes one token ends all of its family, by its first token too', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const { data: next } = await client.request('auth/refresh')
  await using later = await connectWithToken(running.wsUrl, next)
  await using root = await connectWithToken(running.wsUrl, await operatorToken(running))
  const { data } = await running.admin.administration
    .inspectToken(token)
    .then(({ claims }) => root.request('ops/token/revoke', { tokenId: claims?.jti }))
  expect(data).toEqual({})
  await Promise.all([client.closed(), later.closed()])
  await expect(connectWithToken(running.wsUrl, next)).rejects.toMatchObject(refused)
})

test('what the command line issued is not refreshed: it ends at its own time', async () => {
  await using running = await startApp()
  const token = await operatorToken(running)
  await using root = await connectWithToken(running.wsUrl, token)
  expect(await root.request('auth/refresh')).toMatchObject({ code: 4003 })
  expect((await root.request('account/me')).code).toBe(0)
})

test('a token is looked at, and asked for figures with, without being used', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const { data: next } = await client.request('auth/refresh')
  expect(await running.admin.administration.inspectToken(next)).toMatchObject({ verdict: 'accepted' })
  await fetch(`${running.httpUrl}/metrics`, { headers: { authorization: `Bearer ${next}`, via: '1.1 proxy' } })
  await using phone = await connectWithToken(running.wsUrl, token)
  expect((await phone.request('account/me')).code).toBe(0)
  await client[Symbol.asyncDispose]()
})
