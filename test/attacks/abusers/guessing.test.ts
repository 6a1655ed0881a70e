import { expect, test } from 'vitest'
import { passwordDigest } from '../../../src/accounts/passwords/password-digest.ts'
import { longestDelayMs } from '../../../src/limits/growing-delay.ts'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { connectGuest, type TestClient, wechatCode } from '../../support/mqtt-client.ts'
import { forwardedFor } from '../../support/network/proxy-headers.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, password, registerUser } from '../../support/story.ts'

const more = { points: 1_000_000, durationSeconds: 900 }
const few = { points: 5, durationSeconds: 900 }

let nth = 0
const guess = () => passwordDigest(`guess ${nth++}`)

test.each([
  ['password', 'auth/signin', () => ({ username: 'alice', password: guess() }), 1],
  ['address', 'auth/signin', () => ({ username: `user-${nth}`, password: guess() }), 1],
  ['wechat', 'auth/login', () => ({ code: wechatCode('mallory') }), 1001],
] as const)('signIn.%s: who guesses without end is told to slow down', async (limit, operation, body, refused) => {
  await using running = await startApp({
    configure: c => ({
      ...c,
      signIn: { password: more, address: more, registration: more, wechat: more, [limit]: few },
    }),
    limits: { requestsPerMinute: 1_000_000 },
  })
  const { client: alice } = await registerUser(running, 'alice')
  await using mallory = await connectGuest(running.mqttUrl)
  const codes: number[] = []
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    codes.push((await mallory.request(operation, body())).code)
  })
  expect(codes.slice(0, 5)).toEqual([refused, refused, refused, refused, refused])
  expect(new Set(codes.slice(5))).toEqual(new Set([4029]))
  expect((await alice.request('account/me')).code).toBe(0)
  await alice[Symbol.asyncDispose]()
})

test.each([
  ['claim.user', 'device/claim', () => ({ deviceId: 'lamp-1', code: 'AAAA-AAAA' }), 2002, 5],
  ['invitation.user', 'device/accept', () => ({ invitation: 'A'.repeat(22) }), 2006, 10],
] as const)('%s without end: who guesses is told to slow down', async (_limit, operation, body, refused, points) => {
  await using running = await startApp({
    limits: { requestsPerMinute: 1_000_000 },
  })
  await addDevice(running, 'lamp', 'lamp-1')
  const { client: mallory } = await registerUser(running, 'mallory')
  const codes: number[] = []
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    codes.push((await mallory.request(operation, body())).code)
  })
  expect(codes.slice(0, points)).toEqual(Array.from({ length: points }, () => refused))
  expect(new Set(codes.slice(points))).toEqual(new Set([4029]))
  await mallory[Symbol.asyncDispose]()
})

test('guessing at a name from many networks locks out those networks, and not the owner, who waits three seconds at most', async () => {
  await using running = await startApp({
    env: { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' },
    configure: c => ({ ...c, signIn: { ...c.signIn, password: few } }),
  })
  const { client: alice } = await registerUser(running, 'alice')
  await using owner = await connectGuest(running.wsUrl, forwardedFor('198.51.100.1'))
  const networks = Array.from({ length: 11 }, (_, i) => `192.0.2.${i}`)
  const malloryAt = (network: string) => connectGuest(running.wsUrl, forwardedFor(network))
  const mallories = await Promise.all(networks.map(malloryAt))
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    await Promise.all(mallories.map(one => one.request('auth/signin', { username: 'alice', password: guess() })))
  })
  const signInAt = async (one: TestClient, text: string) =>
    (await one.request('auth/signin', { username: 'alice', password: text })).code
  const untilRefused = async (one: TestClient) => {
    while ((await signInAt(one, guess())) !== 4029);
    expect(await signInAt(one, password)).toBe(4029)
  }
  await Promise.all(mallories.map(untilRefused))
  const changed = await alice.request('auth/password', { current: password, next: password })
  expect(changed.code).toBe(0)
  const startedAt = performance.now()
  expect((await owner.request('auth/signin', { username: 'alice', password })).code).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(longestDelayMs + 1500)
  for (const one of [alice, ...mallories]) await one[Symbol.asyncDispose]()
})

test('guessing at a claim code with many accounts locks nobody out: the right code is accepted, after three seconds at most', async () => {
  await using running = await startApp({ configure: c => ({ ...c, claim: { ...c.claim, device: few } }) })
  const { claimCode } = await addDevice(running, 'lamp', 'lamp-1')
  const mallories = await Promise.all(['m1', 'm2', 'm3', 'm4'].map(name => registerUser(running, name)))
  const { client: alice } = await registerUser(running, 'alice')
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const code = 'AAAA-AAAA'
    await Promise.all(mallories.map(({ client }) => client.request('device/claim', { deviceId: 'lamp-1', code })))
  })
  const startedAt = performance.now()
  expect((await alice.request('device/claim', { deviceId: 'lamp-1', code: claimCode })).code).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(longestDelayMs + 1500)
  for (const client of [alice, ...mallories.map(one => one.client)]) await client[Symbol.asyncDispose]()
})
