import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest, connectWithToken, wechatCode } from '../../support/mqtt-client.ts'
import { give } from '../../support/sharing.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, leave, ownerOf, password, registerUser } from '../../support/story.ts'

interface Listed {
  readonly sessions: { signIn: string; since: number; expiresAt: number; online: boolean; current: boolean }[]
}

test('where an account is signed in is listed, and ended there: its connection, and its token', async () => {
  await using running = await startApp()
  const { client: phone } = await registerUser(running, 'ann')
  await using other = await connectGuest(running.wsUrl)
  const { data: token } = await other.request('auth/login', { code: wechatCode('ann') })
  const { client: bob } = await registerUser(running, 'bob')
  const list = async () => ((await phone.request('account/sessions')).data as Listed).sessions
  expect((await list()).map(({ online, current }) => [online, current]).sort()).toEqual([
    [true, false],
    [true, true],
  ])
  const elsewhere = (await list()).find(({ current }) => !current)?.signIn
  const own = (await list()).find(({ current }) => current)?.signIn
  expect(await bob.request('account/signout', { signIn: elsewhere })).toMatchObject({ code: 3001 })
  expect(await phone.request('account/signout', { signIn: own })).toMatchObject({ code: 4003 })
  const closed = new Promise<void>(resolve => other.mqtt.once('close', () => resolve()))
  expect(await phone.request('account/signout', { signIn: elsewhere })).toMatchObject({ code: 0 })
  await closed
  await expect(connectWithToken(running.wsUrl, String(token))).rejects.toMatchObject({ code: 5 })
  expect(await list()).toMatchObject([{ signIn: own, online: true, current: true }])
  for (const client of [phone, bob]) await leave(running, client)
})

test('the data of an account is exported, and of no other', async () => {
  await using running = await startApp()
  const { client: ann, device } = await ownerOf(running, 'lamp-1', 'lamp')
  const { client: bob, userId } = await registerUser(running, 'bob')
  await give(ann, 'lamp-1', 'viewer', bob)
  await using lamp = await connectAsDevice(running, device)
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  expect((await bob.request('account/export')).data).toMatchObject({
    account: { userId, username: 'bob', createdAt: expect.any(Number) },
    wechat: [{ linkedAt: expect.any(Number) }],
    devices: [{ id: 'lamp-1', role: 'viewer', state: { on: true }, members: [] }],
  })
  expect((await ann.request('account/export')).data).toMatchObject({
    devices: [{ id: 'lamp-1', role: 'owner', members: [{ username: 'owner-of-lamp-1' }, { username: 'bob' }] }],
  })
  for (const client of [ann, bob]) await leave(running, client)
})

test("a deleted account is gone with its tokens, links and memberships, its devices are nobody's, and the audit trail stays", async () => {
  await using running = await startApp()
  const { client: ann, userId, token, device } = await ownerOf(running, 'lamp-1', 'lamp')
  const { client: bob } = await registerUser(running, 'bob')
  await give(ann, 'lamp-1', 'controller', bob)
  const plug = await addDevice(running, 'plug', 'plug-1')
  expect(await bob.request('device/claim', { deviceId: 'plug-1', code: plug.claimCode })).toMatchObject({ code: 0 })
  await give(bob, 'plug-1', 'viewer', ann)
  const forget = (body: object) => ann.request('account/delete', body)
  expect(await forget({ password: password.replace(/^./, 'x') })).toMatchObject({ code: 4000 })
  expect(await forget({ password: 'f'.repeat(32), devices: 'release' })).toMatchObject({ code: 1 })
  expect(await forget({ password })).toMatchObject({ code: 4003 })
  await using second = await connectWithToken(running.wsUrl, token)
  const closed = new Promise<void>(resolve => second.mqtt.once('close', () => resolve()))
  expect(await forget({ password, devices: 'release' })).toMatchObject({ code: 0 })
  await closed
  await bob.message(topics.notify(bob.id, 'devices'), ({ payload }) => JSON.parse(payload).role === null)
  expect(await ann.request('account/me')).toMatchObject({ code: 4003 }) // a guest again
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  expect(await ann.request('auth/login', { code: wechatCode('owner-of-lamp-1') })).toMatchObject({ code: 1001 })
  expect(await running.admin.store.accounts.accountById(userId)).toBeUndefined()
  expect(await running.admin.store.devices.membersOf('lamp-1')).toEqual([])
  expect((await running.admin.store.devices.membersOf('plug-1')).map(({ role }) => role)).toEqual(['owner'])

  // Its device is added again by the button, with nothing of hers, and its name may be had again.
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.replies('lamp-1'))
  await lamp.request('device/offer')
  expect(await bob.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })).toMatchObject({
    code: 0,
    data: { state: {} },
  })
  const again = await registerUser(running, 'owner-of-lamp-1')
  expect(again.userId).not.toBe(userId)
  const trail = async () => {
    const entries = await running.admin.store.audit.query({ limit: 100 })
    return entries.filter(({ target }) => target?.id === userId).map(({ kind }) => kind)
  }
  await expect.poll(trail).toContain('account-deleted')
  for (const client of [ann, bob, again.client]) await leave(running, client)
})
