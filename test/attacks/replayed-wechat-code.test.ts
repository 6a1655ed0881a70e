import { expect, test } from 'vitest'
import { connectGuest, wechatCode } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { password, registerUser } from '../support/story.ts'

test('a WeChat code that was used signs nobody in again, whatever it is sent for, and its user stays signed in', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const code = wechatCode('alice')
  await using phone = await connectGuest(running.wsUrl)
  expect((await phone.request('auth/login', { code })).code).toBe(0)

  await using mallory = await connectGuest(running.wsUrl)
  expect(await mallory.request('auth/login', { code })).toMatchObject({ code: 1003, data: null })
  const replays = [
    ['auth/bind', { username: 'alice', password, code }],
    ['auth/register', { username: 'mallory', password, code }],
  ] as const
  for (const [operation, body] of replays) expect((await mallory.request(operation, body)).code).not.toBe(0)
  expect((await mallory.request('account/me')).code).toBe(4003)
  expect(await running.admin.store.accounts.accountByUsername('mallory')).toBeUndefined()
  for (const one of [alice, phone]) expect((await one.request('account/me')).data).toMatchObject({ username: 'alice' })
  await alice[Symbol.asyncDispose]()
})

test('when two send one code at once, one of them is signed in', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  await using first = await connectGuest(running.wsUrl)
  await using second = await connectGuest(running.wsUrl)
  const code = wechatCode('alice')
  const replies = await Promise.all([first, second].map(one => one.request('auth/login', { code })))
  expect(replies.map(reply => reply.code).sort()).toEqual([0, 1003])
  await alice[Symbol.asyncDispose]()
})
