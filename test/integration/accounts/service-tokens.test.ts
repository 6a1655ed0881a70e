import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged, operatorToken } from '../../support/story.ts'

const daySeconds = 24 * 3600
const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
const serviceToken = ({ admin }: RunningApp, ttlSeconds: number) =>
  admin.tokens.issueForService('pipeline', acl, ttlSeconds)

async function rotate({ admin }: RunningApp, token: string, overlapSeconds: number) {
  const rotated = await admin.administration.rotateServiceToken({ token, overlapSeconds })
  if ('problem' in rotated) throw new Error(rotated.problem)
  return rotated
}

test('a rotated token is good for the overlap beside its successor, and then ends with its open sessions', async () => {
  let aheadMs = 0
  await using running = await startApp({ now: () => Date.now() + aheadMs })
  const { token } = await serviceToken(running, 365 * daySeconds)
  const open = await connectWithToken(running.wsUrl, token)
  const { token: next, expiresAtMs, oldEndsAtMs } = await rotate(running, token, 3)
  expect(oldEndsAtMs - Date.now()).toBeLessThanOrEqual(3000)
  expect(expiresAtMs - Date.now()).toBeGreaterThan(364 * daySeconds * 1000)
  await using beside = await connectWithToken(running.wsUrl, token)
  await using successor = await connectWithToken(running.wsUrl, next)
  expect(await successor.subscribe('app/x')).toBe(0)
  expect(await beside.subscribe('app/x')).toBe(0)

  await Promise.all([open.closed(), beside.closed()]) // in three seconds, not in a year
  aheadMs = 3000
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  expect(logged(running, '"token-replaced"')).toBe(true)
  await using again = await connectWithToken(running.wsUrl, next)
  expect(await again.subscribe('app/x')).toBe(0)
})

test('the successor may do what the token of before may, and nothing else; a person’s token is not rotated, nor one that is void', async () => {
  await using running = await startApp()
  const { token, id } = await serviceToken(running, 3600)
  const { token: next } = await rotate(running, token, 60)
  const { claims } = await running.admin.administration.inspectToken(next)
  expect(claims).toMatchObject({ sub: 'pipeline', role: 'service', acl })
  expect(claims && claims.exp - claims.iat).toBe(3600)
  const problemOf = async (of: string) =>
    Object(await running.admin.administration.rotateServiceToken({ token: of, overlapSeconds: 60 })).problem
  expect(await problemOf(await operatorToken(running))).toContain('only the token of an integration')
  await running.admin.administration.revokeToken(id)
  expect(await problemOf(token)).toContain('token-revoked')
  expect(await problemOf('junk')).toContain('bad-credentials')
})

test('rotated twice, it ends as early as was said first', async () => {
  await using running = await startApp()
  const { token } = await serviceToken(running, 3600)
  const first = await rotate(running, token, 60)
  expect((await rotate(running, token, 600)).oldEndsAtMs).toBe(first.oldEndsAtMs)
})

test('an integration is told on notify that its token ends in 14 days, when that comes, and once it connects after that', async () => {
  await using running = await startApp()
  for (const ttlSeconds of [14 * daySeconds + 3, 2 * daySeconds]) {
    const { token, expiresAtMs } = await serviceToken(running, ttlSeconds)
    await using client = await connectWithToken(running.wsUrl, token)
    const { payload } = await client.message(topics.notify(client.id, 'token-expiring'))
    expect(JSON.parse(payload)).toEqual({ expiresAt: expiresAtMs / 1000 })
  }
})

test('the log says at the start which integrations have two weeks left, and nothing of those that were rotated', async () => {
  await using first = await startApp()
  const ending = await serviceToken(first, 5 * daySeconds)
  const rotated = await serviceToken(first, 5 * daySeconds)
  await first.admin.administration.rotateServiceToken({
    token: rotated.token,
    overlapSeconds: 3600,
    ttlSeconds: 90 * daySeconds,
  })
  const lasting = await serviceToken(first, 30 * daySeconds)
  await first.app.stop()
  await using second = await startApp({ dataDir: first.config.dataDir })
  await expect.poll(() => logged(second, '"service-token-ending"', ending.id, 'service:pipeline')).toBe(true)
  for (const { id } of [rotated, lasting]) expect(logged(second, '"service-token-ending"', id)).toBe(false)
})
