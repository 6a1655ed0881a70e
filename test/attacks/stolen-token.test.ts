import { describe, expect, test } from 'vitest'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { connectWithToken, type TestClient } from '../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { logged, operatorToken, password, registerUser } from '../support/story.ts'

const refused = { code: 5 }

async function refreshed(client: TestClient): Promise<string> {
  const reply = await client.request('auth/refresh')
  if (reply.code !== 0) throw new Error(`refresh answered ${JSON.stringify(reply)}`)
  return reply.data
}

/** The reuse is in the log and in the audit trail, of the account that it is about. */
async function isOnRecord(running: RunningApp, userId: string): Promise<void> {
  expect(logged(running, '"token-reused"', userId)).toBe(true)
  await using root = await connectWithToken(running.wsUrl, await operatorToken(running))
  const { data }: { data: { entries: object[] } } = await root.request('ops/audit', { kind: 'token-reused' })
  expect(data.entries).toMatchObject([{ target: `user:${userId}` }])
}

describe('a token that somebody copied', () => {
  test('and refreshed and used: when its owner comes with it, the thief loses everything, and it is on record', async () => {
    await using running = await startApp()
    const { client: owner, token: stolen, userId } = await registerUser(running, 'alice')
    await using thief = await connectWithToken(running.wsUrl, stolen)
    const thiefs = await refreshed(thief)
    await using again = await connectWithToken(running.wsUrl, thiefs)
    expect((await owner.request('account/me')).code).toBe(0) // what was open stays open
    await owner[Symbol.asyncDispose]()

    await expect(connectWithToken(running.wsUrl, stolen)).rejects.toMatchObject(refused)

    await Promise.all([thief.closed(), again.closed()])
    await expect(connectWithToken(running.wsUrl, thiefs)).rejects.toMatchObject(refused)
    await isOnRecord(running, userId)
  })

  test('and refreshed and used: an owner who is still connected finds out at the next refresh', async () => {
    await using running = await startApp()
    const { client: owner, token: stolen, userId } = await registerUser(running, 'alice')
    await using thief = await connectWithToken(running.wsUrl, stolen)
    await using again = await connectWithToken(running.wsUrl, await refreshed(thief))

    void owner.request('auth/refresh').catch(() => {}) // nobody is there any more to hear the answer

    await Promise.all([owner.closed(), thief.closed(), again.closed()])
    await isOnRecord(running, userId)
  })

  test('and used after its owner had refreshed it: both are signed out, another family of the account is not', async () => {
    await using running = await startApp()
    const { client, token: stolen, userId } = await registerUser(running, 'alice')
    await using tablet = await connectWithToken(running.wsUrl, await signedInBeside(running, 'alice'))
    const next = await refreshed(client)
    await client[Symbol.asyncDispose]()
    await using owner = await connectWithToken(running.wsUrl, next)

    await expect(connectWithToken(running.wsUrl, stolen)).rejects.toMatchObject(refused)

    await owner.closed()
    await expect(connectWithToken(running.wsUrl, next)).rejects.toMatchObject(refused)
    expect((await tablet.request('account/me')).code).toBe(0)
    await isOnRecord(running, userId)
  })

  test('and refreshed at the same moment as by its owner: of the two successors one can be used, and the other ends both', async () => {
    await using running = await startApp()
    const { client: owner, token: stolen } = await registerUser(running, 'alice')
    await using thief = await connectWithToken(running.wsUrl, stolen)
    const [owners, thiefs] = await Promise.all([refreshed(owner), refreshed(thief)])
    await owner[Symbol.asyncDispose]()
    const came = await Promise.allSettled([owners, thiefs].map(token => connectWithToken(running.wsUrl, token)))
    expect(came.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
    for (const each of came) if (each.status === 'fulfilled') await each.value.closed()
    await thief.closed()
    for (const token of [owners, thiefs, stolen])
      await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject(refused)
  })

  test('is void with its successors when its owner logs out, also on another connection that uses one of them', async () => {
    await using running = await startApp()
    const { client: owner, token: stolen } = await registerUser(running, 'alice')
    await using thief = await connectWithToken(running.wsUrl, stolen)
    const thiefs = await refreshed(thief)
    expect((await owner.request('auth/logout')).code).toBe(0)
    await thief.closed()
    await expect(connectWithToken(running.wsUrl, thiefs)).rejects.toMatchObject(refused)
    await owner[Symbol.asyncDispose]()
  })
})

test('a change of password ends the sessions of a thief with the same token, open ones too, and its owner goes on', async () => {
  await using running = await startApp()
  const { client: owner, token: stolen } = await registerUser(running, 'alice')
  await using thief = await connectWithToken(running.wsUrl, stolen)
  const thiefs = await refreshed(thief)
  await using beside = await connectWithToken(running.wsUrl, stolen)
  await owner.subscribe('devices/+/state')

  const reply = await owner.request('auth/password', { current: password, next: passwordDigest('another horse') })
  expect(reply).toMatchObject({ code: 0, data: { token: expect.any(String) } })

  await Promise.all([thief.closed(), beside.closed()])
  for (const token of [stolen, thiefs])
    await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject(refused)
  expect((await owner.request('account/me')).code).toBe(0)
  expect((await owner.request('auth/refresh')).code).toBe(0)
  await using later = await connectWithToken(running.wsUrl, Object(reply.data).token)
  expect((await later.request('account/me')).data).toMatchObject({ username: 'alice' })
  expect(logged(running, '"token-reused"')).toBe(false)
  await owner[Symbol.asyncDispose]()
})

test.each([
  ['sets another password', (admin: RunningApp['admin']) => admin.administration.setPassword('alice', 'another horse')],
  ['disables the account', (admin: RunningApp['admin']) => admin.administration.setDisabled('alice', true)],
  ['signs it out', (admin: RunningApp['admin']) => admin.administration.revokeTokens('alice')],
] as const)('an operator who %s on the command line ends every family of it, and every session', async (_what, act) => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const next = await refreshed(client)
  await using thief = await connectWithToken(running.wsUrl, token)
  await act(running.admin)
  await Promise.all([client.closed(), thief.closed()])
  for (const each of [token, next]) await expect(connectWithToken(running.wsUrl, each)).rejects.toMatchObject(refused)
})

test('what was used before a restart is as used after it', async () => {
  await using first = await startApp()
  const { client, token: stolen } = await registerUser(first, 'alice')
  const next = await refreshed(client)
  await (await connectWithToken(first.wsUrl, next))[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  await first.app.stop()
  await using second = await startApp({ dataDir: first.config.dataDir })
  await expect(connectWithToken(second.wsUrl, stolen)).rejects.toMatchObject(refused)
  await expect(connectWithToken(second.wsUrl, next)).rejects.toMatchObject(refused)
})

/** A token of another sign-in of the same account. */
async function signedInBeside({ admin }: RunningApp, username: string): Promise<string> {
  const account = await admin.store.accounts.accountByUsername(username)
  if (!account) throw new Error('no such account')
  return (await admin.tokens.beginFamily(account)).token
}
