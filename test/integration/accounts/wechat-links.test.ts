import { expect, test } from 'vitest'
import { connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged, password, registerUser } from '../../support/story.ts'

interface Links {
  readonly links: readonly { readonly link: string; readonly linkedAt: number }[]
}

/** Another WeChat user comes to sign in to an account. */
async function bind(running: RunningApp, wechatUser: string, username: string) {
  const client = await connectGuest(running.wsUrl)
  expect((await client.request('auth/bind', { username, password, code: wechatCode(wechatUser) })).code).toBe(0)
  return client
}

/** Code of a sign-in by this WeChat user. */
async function login(running: RunningApp, wechatUser: string): Promise<number> {
  await using guest = await connectGuest(running.wsUrl)
  return (await guest.request('auth/login', { code: wechatCode(wechatUser) })).code
}

test('a link that is made is told on the other sessions of the account; its owner sees it, and removes that one alone', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const { client: bob } = await registerUser(running, 'bob')
  const thief = await bind(running, 'thief', 'alice')
  const told = await alice.message(`notify/${alice.id}/wechat-linked`)
  expect(JSON.parse(told.payload)).toEqual({ at: expect.any(Number) })
  const { links } = (await alice.request('account/wechat')).data as Links
  expect(links).toHaveLength(2)
  expect(JSON.stringify(links)).not.toContain('thief')
  expect((await bob.request('auth/unbind', { password, link: links[1]?.link })).code).toBe(3001)

  expect((await alice.request('auth/unbind', { password, link: links[1]?.link })).code).toBe(0)
  await thief.closed()
  expect([await login(running, 'thief'), await login(running, 'alice')]).toEqual([1001, 0])
  const isTold = ({ topic }: { topic: string }) => topic.endsWith('/wechat-linked')
  expect([...thief.received, ...bob.received].filter(isTold)).toEqual([])
  for (const one of [alice, bob]) await one[Symbol.asyncDispose]()
})

test('signing in again with an existing link is announced to nobody, and the session that makes a link is not told', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const more = { username: 'alice', password, code: wechatCode('second') }
  expect((await alice.request('auth/bind', more)).code).toBe(0)
  const again = await bind(running, 'alice', 'alice')
  expect((await alice.request('account/me')).code).toBe(0)
  expect(alice.received.filter(({ topic }) => topic.endsWith('/wechat-linked'))).toEqual([])
  for (const one of [alice, again]) await one[Symbol.asyncDispose]()
})

test('operators see the links of an account, and remove one or all, which is on record', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client: alice } = await registerUser(running, 'alice')
  await using thief = await bind(running, 'thief', 'alice')
  const { links } = (await operator.request('ops/user/wechat', { username: 'alice' })).data as Links
  const unbind = async (body: object) => (await operator.request('ops/user/unbind', body)).code
  expect(await unbind({ username: 'nobody' })).toBe(3001)
  expect(await unbind({ username: 'alice', link: '0000000000000000' })).toBe(3001)
  expect(thief.mqtt.connected).toBe(true)
  expect(await unbind({ username: 'alice', link: links[1]?.link })).toBe(0)
  await thief.closed()
  await alice.closed()
  expect(logged(running, 'session-closed', 'unbound-by-operator')).toBe(true) // at once, not when the tokens are looked at
  expect([await login(running, 'thief'), await login(running, 'alice')]).toEqual([1001, 0])
  expect(await unbind({ username: 'alice' })).toBe(0)
  expect(await login(running, 'alice')).toBe(1001)
  expect((await operator.request('ops/audit', { kind: 'user/unbind' })).data).toMatchObject({ entries: [{}, {}] })
})

test('latchkey user wechat, unbind, and password with --unbind, end links too', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const thief = await bind(running, 'thief', 'alice')
  const listed = JSON.parse((await runCommand(running, ['user', 'wechat', 'alice', '--json'])).stdout)
  expect(listed).toHaveLength(2)
  expect(await runCommand(running, ['user', 'unbind', 'alice', '--link', 'none'])).toMatchObject({ exitCode: 1 })
  expect(await runCommand(running, ['user', 'unbind', 'alice', '--link', listed[1].link])).toMatchObject({
    exitCode: 0,
  })
  for (const one of [alice, thief]) await one.closed()
  expect([await login(running, 'thief'), await login(running, 'alice')]).toEqual([1001, 0])
  const set = (password: string, ...more: string[]) =>
    runCommand(running, ['user', 'password', 'alice', '--password-stdin', ...more], { typed: password })
  expect((await set('another horse')).stdout).toMatch(/A WeChat user still signs in .*: latchkey user unbind alice$/m)
  expect(await login(running, 'alice')).toBe(0)
  expect((await set('a third horse', '--unbind')).stdout).not.toContain('WeChat')
  expect(await login(running, 'alice')).toBe(1001)
  expect((await runCommand(running, ['user', 'wechat', 'alice'])).stdout).toBe('None.\n')
})
