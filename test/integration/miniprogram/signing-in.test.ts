import { expect, test } from 'vitest'
import { createNodePhone } from '../../support/browser/node-phone.ts'
import { secondPhone, signedInPhone, typedPassword } from '../../support/browser/signed-in-phone.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'

test('a first login leads to the bind page, registering signs in on the same connection, and the next start needs no WeChat', async () => {
  await using running = await startApp()
  await using phone = createNodePhone({ url: running.wsUrl })
  const { session } = phone
  const statuses: string[] = []
  session.onChange(() => void statuses.push(session.status))
  expect(session.status).toBe('signed-out')
  expect(await session.start()).toEqual({ next: 'bind' })
  expect(await session.register('alice', typedPassword)).toMatchObject({ ok: true, data: { username: 'alice' } })
  expect(session).toMatchObject({ status: 'online', account: { username: 'alice', role: 'user' } })
  expect(statuses).toEqual(['connecting', 'signed-out', 'online'])
  expect(await session.request('device/list', {})).toEqual({ ok: true, data: [] })
  expect(phone.sockets.opened).toBe(1)
  expect(phone.loginCodes).toBe(2)

  await using again = createNodePhone({ url: running.wsUrl, storage: phone.storage })
  expect(await again.session.start()).toEqual({ next: 'home' })
  expect(again.session.account?.username).toBe('alice')
  expect(again.loginCodes).toBe(0)
})

test('a wrong password is told and leaves the connection; the right one binds, and from then on WeChat alone signs in', async () => {
  await using running = await startApp()
  await (await signedInPhone({ url: running.wsUrl, user: 'alice' }))[Symbol.asyncDispose]()
  await using phone = createNodePhone({ url: running.wsUrl, user: 'new-phone' })
  expect(await phone.session.start()).toEqual({ next: 'bind' })
  expect(await phone.session.bind('alice', 'wrong')).toEqual({ ok: false, code: 1 })
  expect(await phone.session.bind('nobody', typedPassword)).toEqual({ ok: false, code: 1 })
  expect(await phone.session.register('alice', typedPassword)).toEqual({ ok: false, code: 1004 })
  expect(phone.session.status).toBe('signed-out')
  expect(await phone.session.bind('alice', typedPassword)).toMatchObject({ ok: true, data: { username: 'alice' } })
  expect(phone.session.status).toBe('online')
  expect(phone.sockets.opened).toBe(1)

  await using reinstalled = createNodePhone({ url: running.wsUrl, user: 'new-phone' })
  expect(await reinstalled.session.start()).toEqual({ next: 'home' })
  expect(reinstalled.loginCodes).toBe(1)
})

test('calls of start at once share one login code and one connection', async () => {
  await using running = await startApp()
  await using phone = createNodePhone({ url: running.wsUrl })
  const { session } = phone
  expect(await Promise.all([session.start(), session.start(), session.signIn()])).toEqual(
    Array(3).fill({ next: 'bind' }),
  )
  expect(phone.loginCodes).toBe(1)
  expect(phone.sockets.opened).toBe(1)
})

test('after logging out, signing in again takes a tap', async () => {
  await using running = await startApp()
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  await expect.poll(() => phone.devices.list).toEqual([])
  const { session } = phone
  expect(await session.logOut(false)).toEqual({ ok: true, data: {} })
  expect(session).toMatchObject({ status: 'signed-out', account: undefined })
  expect(phone.devices.list).toBeUndefined()
  expect(await session.request('device/list', {})).toEqual({ ok: false, code: 'offline' })
  expect(await session.start()).toEqual({ next: 'login', because: 'logged-out' })

  await using again = createNodePhone({ url: running.wsUrl, user: 'alice', storage: phone.storage })
  expect(await again.session.start()).toEqual({ next: 'login', because: 'logged-out' })
  expect(again.loginCodes).toBe(0)
  expect(await again.session.signIn()).toEqual({ next: 'home' })
  expect(await again.session.start()).toEqual({ next: 'home' })
})

test('logging out works without a connection too, and says that the broker does not know', async () => {
  await using running = await startApp()
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  phone.session.networkChanged(false)
  expect(await phone.session.logOut(true)).toEqual({ ok: false, code: 'offline' })
  expect(phone.session.status).toBe('signed-out')
  phone.session.networkChanged(true)
  expect(await phone.session.start()).toEqual({ next: 'login', because: 'logged-out' })
  expect(phone.sockets.opened).toBe(1)
})

test('logging out everywhere signs the other phone out at once, which says why', async () => {
  await using running = await startApp()
  await using alice = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  await using other = await secondPhone({ url: running.wsUrl, user: 'alice' })
  expect(await alice.session.logOut(true)).toMatchObject({ ok: true })
  await expect.poll(() => other.session.status).toBe('signed-out')
  expect(other.devices.list).toBeUndefined()
  expect(await other.session.start()).toEqual({ next: 'login', because: 'revoked' })
  await using restarted = createNodePhone({ url: running.wsUrl, user: 'alice', storage: other.storage })
  expect(await restarted.session.start()).toEqual({ next: 'login', because: 'revoked' })
  expect(other.loginCodes + restarted.loginCodes).toBe(1) // the one it first signed in with
  expect(await restarted.session.signIn()).toEqual({ next: 'home' })
})

test('a changed password keeps this phone and signs out the other; unbinding leads to the bind page', async () => {
  await using running = await startApp()
  await using alice = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  await using other = await secondPhone({ url: running.wsUrl, user: 'alice' })
  expect(await alice.session.changePassword('wrong', 'next one')).toEqual({ ok: false, code: 1 })
  expect(await alice.session.changePassword(typedPassword, 'next one')).toMatchObject({ ok: true })
  await expect.poll(() => other.session.status).toBe('signed-out')
  expect(alice.session.status).toBe('online')
  expect(await alice.session.unbind('wrong')).toEqual({ ok: false, code: 1 })
  expect(alice.session.status).toBe('online')
  expect(await alice.session.unbind('next one')).toMatchObject({ ok: true })
  expect(alice.session.status).toBe('signed-out')
  expect(await alice.session.start()).toEqual({ next: 'bind' })
})

test('after a change of password this phone comes back with its new token, also after a restart, without asking WeChat', async () => {
  await using running = await startApp()
  await using alice = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  const askedBefore = alice.loginCodes
  expect(await alice.session.changePassword(typedPassword, 'next one')).toMatchObject({ ok: true })
  alice.session.networkChanged(false)
  alice.session.networkChanged(true)
  await expect.poll(() => alice.session.status).toBe('online')
  await using restarted = createNodePhone({ url: running.wsUrl, user: 'alice', storage: alice.storage })
  expect(await restarted.session.start()).toEqual({ next: 'home' })
  expect(alice.loginCodes - askedBefore + restarted.loginCodes).toBe(0)
})

test('without a broker the start says so, and works when it is tried again', async () => {
  await using running = await startApp()
  await using proxy = await startCuttableProxy(1)
  await using phone = createNodePhone({ url: `ws://127.0.0.1:${proxy.port}/mqtt` })
  expect(await phone.session.start()).toEqual({ next: 'retry', failure: { code: 'offline' } })
  expect(phone.session.status).toBe('signed-out')
  proxy.target = running.app.ports.http
  expect(await phone.session.start()).toEqual({ next: 'bind' })
})

test('an account that an operator disabled is signed out, and is told that when it tries', async () => {
  await using running = await startApp()
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  await running.admin.administration.setDisabled('alice', true)
  await expect.poll(() => phone.session.status).toBe('signed-out')
  expect(await phone.session.signIn()).toEqual({ next: 'retry', failure: { code: 1007 } })
  expect(phone.session.status).toBe('signed-out')
})

test.each([
  ['behind', -1],
  ['ahead', 1],
])(
  'a token whose time is over on a phone whose clock is two hours %s is no session that somebody ended',
  async (_, way) => {
    let nowMs = Date.now()
    await using running = await startApp({ now: () => nowMs })
    const now = () => nowMs + way * 7_200_000
    await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice', now })
    await phone[Symbol.asyncDispose]()
    const account = phone.session.account
    nowMs = (account?.tokenExpiresAt ?? 0) * 1000 + 90_000
    await using later = createNodePhone({ url: running.wsUrl, user: 'alice', storage: phone.storage, now })
    expect(await later.session.start()).toEqual({ next: 'home' })
    expect(later.loginCodes).toBe(1)
  },
)

test('a session that was ended elsewhere is told as such, whatever the clock of the phone', async () => {
  await using running = await startApp()
  const now = () => Date.now() + 86_400_000 * 30
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice', now })
  await phone[Symbol.asyncDispose]()
  await running.admin.administration.revokeTokens('alice')
  await using later = createNodePhone({ url: running.wsUrl, user: 'alice', storage: phone.storage, now })
  expect(await later.session.start()).toEqual({ next: 'login', because: 'revoked' })
})
