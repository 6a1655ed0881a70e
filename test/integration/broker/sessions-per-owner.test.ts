import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectClient, connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, leave, logged, password, registerUser, serviceToken } from '../../support/story.ts'

const bounds = { sessionsPerAccount: 3, sessionsPerService: 3 }

/** A session of `token`, stored unless it is said to be clean. */
const open = (running: RunningApp, token: string, clientId: string, clean = false) =>
  connectClient(running.mqttUrl, { username: 'jwt', password: token, clientId, clean })

/** A session that is left behind, with a subscription. */
async function store(running: RunningApp, token: string, clientId: string): Promise<void> {
  const client = await open(running, token, clientId)
  await client.subscribe('app/kept', 1)
  await leave(running, client)
}

/** Whether there is a stored session by this id; it is taken up, and left behind. */
async function isStored(running: RunningApp, token: string, clientId: string): Promise<boolean> {
  const client = await open(running, token, clientId)
  const isPresent = await new Promise<boolean>(resolve => {
    client.mqtt.on('connect', ({ sessionPresent }) => resolve(sessionPresent))
    client.mqtt.reconnect()
  })
  await leave(running, client)
  return isPresent
}

const dropped = ({ lines }: RunningApp): string[] =>
  lines.map(line => JSON.parse(line)).flatMap(({ event, clientId }) => (event === 'session-dropped' ? [clientId] : []))

test('the stored session of a service that is away longest makes room for a new one, and the log says who and why', async () => {
  await using running = await startApp({ limits: bounds })
  const token = await serviceToken(running)
  for (const clientId of ['a', 'b', 'c']) await store(running, token, clientId)
  await store(running, token, 'a') // away for the shortest time now
  await using fourth = await open(running, token, 'd')
  expect(dropped(running)).toEqual(['b'])
  expect(
    logged(running, '"session-dropped"', '"service:pipeline"', '"limits.sessionsPerService"', '"durationMs"'),
  ).toBe(true)
  expect(fourth.mqtt.connected).toBe(true)
})

test('a stored session that comes back, a takeover and a clean session in place of a stored one count once', async () => {
  await using running = await startApp({ limits: bounds })
  const token = await serviceToken(running)
  for (const clientId of ['a', 'b', 'c']) await store(running, token, clientId)
  await using back = await open(running, token, 'a')
  const before = await open(running, token, 'b')
  await using after = await open(running, token, 'b')
  await before.closed()
  await using clean = await open(running, token, 'c', true)
  expect(dropped(running)).toEqual([])
  await expect(open(running, token, 'd')).rejects.toMatchObject({ code: 3 })
  expect([back, after, clean].map(({ mqtt }) => mqtt.connected)).toEqual([true, true, true])
})

test('when all sessions of an account are connected a new one gets CONNACK 3; the log says why, and whose', async () => {
  await using running = await startApp({ limits: bounds })
  const { client, token, userId } = await registerUser(running, 'alice')
  await using second = await open(running, token, 'second', true)
  const third = await open(running, token, 'third', true)
  await expect(open(running, token, 'fourth', true)).rejects.toMatchObject({ code: 3 })
  const line = ['"connection-refused"', '"too-many-sessions"', `"user:${userId}"`, '"alice"', '"fourth"']
  expect(logged(running, ...line)).toBe(true)
  await leave(running, third)
  await using fourth = await open(running, token, 'fourth', true)
  expect([second, fourth].map(({ mqtt }) => mqtt.connected)).toEqual([true, true])
  await client[Symbol.asyncDispose]()
})

test('a guest who signs in counts too: with a sentence it stays a guest, and a stored session makes room', async () => {
  await using running = await startApp({ limits: bounds })
  const { client, token } = await registerUser(running, 'alice')
  await using second = await open(running, token, 'second', true)
  const third = await open(running, token, 'third')
  await using guest = await connectGuest(running.wsUrl)
  const signIn = () => guest.request('auth/signin', { username: 'alice', password })
  expect(await signIn()).toMatchObject({ code: 1008, msg: expect.stringContaining('as many open sessions as it may') })
  expect((await guest.request('auth/login', { code: wechatCode('alice') })).code).toBe(1008)
  expect((await guest.request('account/me')).code).toBe(4003)
  await leave(running, third)
  expect((await signIn()).code).toBe(0)
  expect(dropped(running)).toEqual(['third'])
  expect((await client.request('auth/refresh')).code).toBe(0) // it is one of them already
  expect(second.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('an account and a service of one name, devices and guests do not count for each other', async () => {
  await using running = await startApp({ limits: { sessionsPerAccount: 1, sessionsPerService: 1 } })
  const { client } = await registerUser(running, 'alice')
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using service = await open(running, await serviceToken(running, 'alice'), 'service')
  await using lamp = await connectAsDevice(running, device)
  await using operator = await connectOperator(running)
  await using guest = await connectGuest(running.wsUrl)
  expect([service, lamp, operator, guest].map(({ mqtt }) => mqtt.connected)).toEqual([true, true, true, true])
  await client[Symbol.asyncDispose]()
})

test('more stored sessions than there may be outlive a restart, until the next CONNECT: then the longest away go first', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-owners-'))
  const first = await startApp({ dataDir })
  const token = await serviceToken(first)
  const ids = ['f', 'a', 'e', 'b', 'd', 'c']
  for (const clientId of ids) await store(first, token, clientId)
  await first[Symbol.asyncDispose]()

  const second = await startApp({ dataDir, limits: bounds })
  expect(dropped(second)).toEqual([])
  await using back = await open(second, token, 'a')
  await expect.poll(() => dropped(second)).toEqual(['f', 'e', 'b'])
  await using fresh = await open(second, token, 'new')
  expect(dropped(second)).toEqual(['f', 'e', 'b', 'd'])
  await leave(second, back)
  expect(fresh.mqtt.connected).toBe(true)
  expect(await isStored(second, token, 'c')).toBe(true)
  await second[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})
