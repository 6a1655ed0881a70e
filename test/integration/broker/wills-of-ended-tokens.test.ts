import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBackend } from '../../../src/app/backend/open-backend.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { startGatedWechat } from '../../support/gated-wechat.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { cheapPasswords, type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, logged, ownerOf, serviceToken } from '../../support/story.ts'

const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
const will = (topic: string, payload: string, retain = false) => ({
  will: { topic, payload: Buffer.from(payload), qos: 1 as const, retain },
})

/** A gateway that says that it is there, and leaves a will that says it is not; its token lives so many seconds. */
async function connectGateway(running: RunningApp, name: string, ttlSeconds: number) {
  const { token, id } = await running.admin.tokens.issueForService(name, acl, ttlSeconds)
  const status = `app/${name}/status`
  const client = await connectWithToken(running.mqttUrl, token, { clientId: name, ...will(status, 'offline', true) })
  await client.mqtt.publishAsync(status, 'online', { qos: 1, retain: true })
  return { client, tokenId: id, status }
}

/** What is retained on `topic`, as somebody who comes now is told. */
async function retainedOn(running: RunningApp, topic: string): Promise<string> {
  await using reader = await connectWithToken(running.mqttUrl, await serviceToken(running, `reader-${topic.length}`))
  await reader.subscribe(topic, 1)
  return (await reader.message(topic)).payload
}

test('the will of a session whose token expires is sent, and what is retained says offline', async () => {
  await using running = await startApp()
  await using watcher = await connectWithToken(running.mqttUrl, await serviceToken(running))
  await watcher.subscribe('app/+/status', 1)
  const { client, status } = await connectGateway(running, 'gateway', 3)
  await client.closed()
  await watcher.message(status, ({ payload }) => payload === 'offline')
  expect(await retainedOn(running, status)).toBe('offline')
  expect(logged(running, '"session-closed"', '"token-expired"', 'service:gateway')).toBe(true)
  expect(logged(running, '"publish-refused"')).toBe(false)
})

test('a request that waited behind another is not carried out once the token has expired', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  const { client, userId } = await ownerOf(running, 'd1')
  const account = await running.admin.store.accounts.accountById(userId)
  if (!account) throw new Error('registered, and not there')
  const { token } = await running.admin.tokens.issueForAccount(account, 4)
  const expiring = await connectWithToken(running.wsUrl, token, { clientId: 'expiring' })
  expiring.send('auth/login', { code: 'slow:nobody' })
  expiring.send('device/release', { deviceId: 'd1' })
  await wechat.asked
  await expiring.closed()
  wechat.answer()
  await expect.poll(() => logged(running, '"request-answered"', 'device/release', '"code":4003')).toBe(true)
  expect((await client.request('device/list')).data).toHaveLength(1)
  await client[Symbol.asyncDispose]()
})

test('with a revoked token the will is not sent, and the retained message stays', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client, tokenId, status } = await connectGateway(running, 'gateway', 3600)
  expect((await operator.request('ops/token/revoke', { tokenId })).code).toBe(0)
  await client.closed()
  await expect.poll(() => logged(running, '"publish-refused"', status)).toBe(true)
  expect(await retainedOn(running, status)).toBe('online')
})

test('a disabled account takes its wills with it', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { device, client: owner, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'), 1)
  const topic = topics.set('lamp-1')
  const willing = await connectWithToken(running.wsUrl, token, { clientId: 'w', ...will(topic, '{"on":true}') })
  expect((await operator.request('ops/user/disable', { username: 'owner-of-lamp-1' })).code).toBe(0)
  await Promise.all([owner.closed(), willing.closed()])
  await expect.poll(() => logged(running, '"publish-refused"', topic)).toBe(true)
  await operator.mqtt.publishAsync(topic, '{"brightness":7}', { qos: 1 })
  await lamp.message(topic)
  expect(lamp.received.map(({ payload }) => payload)).toEqual(['{"brightness":7}'])
})

/** A broker that died with sessions open, `change`d by the command line while it was down, and the next one, a minute later. */
async function whileDown(
  open: (running: RunningApp) => Promise<TestClient[]>,
  change: (folder: RunningApp['admin']) => Promise<unknown>,
) {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'latchkey-wills-')), 'data')
  const died = await startApp()
  const clients = await open(died)
  await cp(died.config.dataDir, dataDir, { recursive: true }) // what a killed process leaves
  await Promise.all(clients.map(client => client[Symbol.asyncDispose]()))
  await died[Symbol.asyncDispose]()
  const folder = await openBackend({ ...died.config, dataDir }, { passwordCost: cheapPasswords })
  await change(folder)
  await folder.close()
  const next = await startApp({ dataDir, now: () => Date.now() + 60_000 })
  return {
    next,
    async [Symbol.asyncDispose]() {
      await next[Symbol.asyncDispose]()
      await rm(join(dataDir, '..'), { recursive: true, force: true })
    },
  }
}

test('a token that expires while the broker is down leaves its will to the next one; a revoked one does not', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const revoked: string[] = []
  await using after = await whileDown(
    async running => {
      const expiring = await connectGateway(running, 'expiring', 30)
      const expiredAndRevoked = await connectGateway(running, 'revoked', 30)
      revoked.push(expiredAndRevoked.tokenId)
      return [expiring.client, expiredAndRevoked.client]
    },
    ({ tokens }) => Promise.all(revoked.map(tokenId => tokens.revoke(tokenId))),
  )
  expect(await retainedOn(after.next, 'app/expiring/status')).toBe('offline')
  expect(await retainedOn(after.next, 'app/revoked/status')).toBe('online')
  expect(logged(after.next, '"publish-refused"', 'app/revoked/status', '"token-revoked"')).toBe(true)
})

test('a session that got another token leaves its will for that one: revoked while the broker is down, none is sent', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const tokenIds = new Map<string, string>()
  const session = async (running: RunningApp, username: string): Promise<TestClient> => {
    const wanted = { username, password: 'secret', role: 'operator' } as const
    const account = await running.admin.administration.addAccount(wanted)
    if (typeof account === 'string') throw new Error(account)
    const { token } = await running.admin.tokens.beginFamily(account)
    const options = { clientId: username, ...will(topics.set('lamp-1'), '{"on":true}') }
    const client = await connectWithToken(running.wsUrl, token, options)
    expect((await client.request('auth/refresh')).code).toBe(0)
    const { data } = await client.request('ops/sessions', { search: username })
    tokenIds.set(username, Object(data).sessions[0].tokenId)
    return client
  }
  await using after = await whileDown(
    async running => {
      await addDevice(running, 'lamp', 'lamp-1')
      return [await session(running, 'kept'), await session(running, 'revoked')]
    },
    ({ tokens }) => tokens.revoke(tokenIds.get('revoked') ?? ''),
  )
  const refused = after.next.lines.filter(
    line => line.includes('"publish-refused"') && line.includes('"token-revoked"'),
  )
  expect(refused).toHaveLength(1)
  expect(refused[0]).toContain('"clientId":"revoked"')
})

test('a disabled account leaves no will, though the broker was down when it was disabled', async ({ skip }) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  await using after = await whileDown(
    async running => {
      const { client, token } = await ownerOf(running, 'lamp-1', 'lamp')
      const options = { clientId: 'w', ...will(topics.set('lamp-1'), '{"on":true}') }
      return [client, await connectWithToken(running.wsUrl, token, options)]
    },
    ({ administration }) => administration.setDisabled('owner-of-lamp-1', true),
  )
  expect(logged(after.next, '"publish-refused"', topics.set('lamp-1'), '"token-revoked"')).toBe(true)
})
