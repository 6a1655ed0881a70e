import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import { enroll } from '../../../devices/sdk/enroll.ts'
import { passwordDigest } from '../../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest, connectWithToken, wechatCode } from '../../support/mqtt-client.ts'
import { previousRevisions, startOnPreviousFolder } from '../../support/processes/previous-folder.ts'

// The data folder of a version before, killed at work, and this program on it: nothing of it is lost.
describe.each(previousRevisions)('on the folder of %s', revision => {
  test('every account signs in by password, and by WeChat when it was linked; a disabled one does not', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { accounts, disabledAccount, password } = running.known
    for (const { username, isLinkedToWechat } of accounts) {
      await using byPassword = await connectGuest(running.wsUrl)
      const typed = { username, password: passwordDigest(password) }
      expect(await byPassword.request('auth/signin', typed)).toMatchObject({ code: 0 })
      expect(await byPassword.request('account/me')).toMatchObject({ code: 0, data: { username } })
      await using byWechat = await connectGuest(running.wsUrl)
      const code = isLinkedToWechat ? 0 : 1001
      expect(await byWechat.request('auth/login', { code: wechatCode(username) })).toMatchObject({ code })
    }
    await using barred = await connectGuest(running.wsUrl)
    const typed = { username: disabledAccount, password: passwordDigest(password) }
    expect(await barred.request('auth/signin', typed)).toMatchObject({ code: 1007 })
  })

  test('every token works as before: of users, operators and services, of an older key too; a revoked one does not', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { accounts, operator, service } = running.known
    for (const { username, token } of [...accounts, operator]) {
      await using client = await connectWithToken(running.wsUrl, token)
      expect(await client.request('account/me')).toMatchObject({ code: 0, data: { username } })
    }
    for (const password of [service.token, service.tokenOfOldKey]) {
      await using client = await connectClient(running.mqttUrl, { username: 'jwt', password })
      expect(await client.subscribe('app/#', 1)).toBe(1)
    }
    const revoked = { username: 'jwt', password: service.revokedToken }
    await expect(connectClient(running.mqttUrl, revoked)).rejects.toMatchObject({ code: 5 })
  })

  test('a token of before is refreshed into a family, and stays good until its exp; with the signing key nobody makes more of one', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { accounts, operator } = running.known
    for (const { username, token } of [...accounts, operator]) {
      await using client = await connectWithToken(running.wsUrl, token)
      const { code, data } = await client.request('auth/refresh')
      expect(code).toBe(0)
      await using next = await connectWithToken(running.wsUrl, data)
      expect(await next.request('account/me')).toMatchObject({ code: 0, data: { username } })
      await using again = await connectWithToken(running.wsUrl, token)
      expect((await again.request('account/me')).code).toBe(0)
      const { kid, key } = running.admin.keys.signingKey()
      const claims = { ...Object(jwt.decode(token)), role: 'service', acl: [] }
      const forged = jwt.sign(claims, key, { algorithm: 'ES256', keyid: kid })
      await expect(connectWithToken(running.wsUrl, forged)).rejects.toMatchObject({ code: 4 })
    }
  })

  test('every device is listed for whom it was, with its name and state; its members, invitation and history are there', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { accounts, members, history, invitation } = running.known
    const clients = await Promise.all(accounts.map(({ token }) => connectWithToken(running.wsUrl, token)))
    for (const [n, { devices }] of accounts.entries())
      expect(await clients[n]?.request('device/list')).toMatchObject({
        code: 0,
        data: devices.map(device => ({ ...device, online: false })),
      })
    const [alice, , carol] = clients
    expect(await alice?.request('device/members', { deviceId: 'lamp-1' })).toMatchObject({ code: 0, data: members })
    const { deviceId, property, values } = history
    const to = running.known.madeAtMs
    const answer = await alice?.request('device/history', { deviceId, property, from: to - 100_000, to, points: 500 })
    expect(answer).toMatchObject({ code: 0, data: { samples: values.map(last => ({ last })) } })
    // What was kept is in hours and days too, and a year is answered from them.
    const { store } = running.admin
    const bounds = { beforeMs: 0, aggregatesBeforeMs: 0, maxRows: 1e9 }
    while (await store.history.prune(deviceId, bounds, 2));
    const [day] = await store.history.days(deviceId, { property: '', dayMs: 0 }, 10)
    expect(day).toMatchObject({ property, min: Math.min(...values), max: Math.max(...values) })
    const year = { deviceId, property, from: to - 365 * 86_400_000, to, points: 1 }
    expect(await alice?.request('device/history', year)).toMatchObject({ data: { samples: [{ last: values.at(-1) }] } })
    const accepted = await carol?.request('device/accept', { invitation })
    expect(accepted).toMatchObject({ code: 0, data: { id: 'plug-1', role: 'viewer', state: { on: false } } })
    await Promise.all(clients.map(client => client[Symbol.asyncDispose]()))
  })

  test('every device signs in with its secret unless it is disabled, one is claimed, and enrollment goes on', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { devices, unclaimed, productSecret, accounts } = running.known
    for (const { id, secret, isDisabled } of devices) {
      const connecting = connectClient(running.mqttUrl, { clientId: id, username: id, password: secret })
      if (isDisabled) await expect(connecting).rejects.toMatchObject({ code: 5 })
      else await (await connecting)[Symbol.asyncDispose]()
    }
    await using alice = await connectWithToken(running.wsUrl, accounts[0]?.token ?? '')
    const claim = { deviceId: unclaimed.id, code: unclaimed.claimCode }
    expect(await alice.request('device/claim', claim)).toMatchObject({ code: 0, data: { id: unclaimed.id } })
    const { now } = running
    const factory = { url: running.mqttUrl, type: productSecret.type, productSecret: productSecret.secret, now }
    await expect(enroll({ ...factory, serial: 'A1' })).rejects.toMatchObject({ code: 2007 })
    expect(await enroll({ ...factory, serial: 'A2' })).toMatchObject({ deviceId: 'lamp-A2' })
  })

  test('a user’s wildcard brings the states of all their devices, as they were', async () => {
    await using running = await startOnPreviousFolder(revision)
    for (const { token, devices } of running.known.accounts) {
      await using client = await connectWithToken(running.wsUrl, token)
      await client.subscribe('devices/+/state', 1)
      for (const { id, state } of devices)
        expect(JSON.parse((await client.message(topics.state(id))).payload)).toEqual(state)
    }
  })

  test('what was audited is on record, in its order', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { operator, audit } = running.known
    await using client = await connectWithToken(running.wsUrl, operator.token)
    const until = running.known.madeAtMs
    const { data }: { data: { entries: { id: number; kind: string }[] } } = await client.request('ops/audit', {
      until,
      limit: 500,
    })
    expect(data.entries.map(({ id, kind }) => ({ id, kind })).reverse()).toEqual(audit)
  })
})
