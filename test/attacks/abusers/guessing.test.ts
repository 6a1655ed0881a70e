import { expect, test } from 'vitest'
import { passwordDigest } from '../../../src/accounts/password-digest.ts'
import { connectHealthyPair } from '../../support/healthy-pair.ts'
import { connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, registerUser } from '../../support/story.ts'

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
  ['claim.device', 'device/claim', () => ({ deviceId: 'lamp-1', code: 'AAAA-AAAA' }), 2002, 20],
  ['invitation.user', 'device/accept', () => ({ invitation: 'A'.repeat(22) }), 2006, 10],
] as const)('%s without end: who guesses is told to slow down', async (limit, operation, body, refused, points) => {
  await using running = await startApp({
    configure: c => ({ ...c, claim: { ...c.claim, ...(limit === 'claim.device' && { user: more }) } }),
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
