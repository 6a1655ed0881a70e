import { expect, test } from 'vitest'
import { operations } from '../../../src/protocol/operations.ts'
import { connectClient, connectWithToken } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, logged, ownerOf, registerUser } from '../../support/story.ts'

/** How long it took from the announcement of the change to the end of the session. */
function endOf(running: RunningApp, clientId: string, change: 'account-signed-out' | 'device-barred') {
  const changed = new Promise<number>(resolve => running.app.events.once(change, () => resolve(performance.now())))
  const ended = new Promise<{ atMs: number; reason: string }>(resolve =>
    running.app.events.on('session-closed', closed => {
      if (closed.clientId === clientId) resolve({ atMs: performance.now(), reason: closed.reason })
    }),
  )
  return Promise.all([changed, ended]).then(([fromMs, { atMs, reason }]) => ({ tookMs: atMs - fromMs, reason }))
}

const opsNames = Object.keys(operations).filter(name => name.startsWith('ops/'))

test('no operation of operators is for users or guests', async () => {
  await using running = await startApp()
  const { client: user } = await registerUser(running, 'ann')
  const guest = await connectClient(running.wsUrl)
  await guest.subscribe(`reply/${guest.id}/#`)
  for (const name of opsNames) {
    expect(await user.request(name), name).toMatchObject({ code: 4003 })
    expect(await guest.request(name), name).toMatchObject({ code: 4003 })
  }
  await user[Symbol.asyncDispose]()
  await guest[Symbol.asyncDispose]()
})

test('an account that is disabled is signed out within 100 ms and stays out until it is enabled', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client, token } = await registerUser(running, 'ann')
  const end = endOf(running, client.id, 'account-signed-out')

  expect(await operator.request('ops/user/disable', { username: 'ann' })).toMatchObject({ code: 0, data: {} })

  const { tookMs, reason } = await end
  expect({ reason, inTime: tookMs < 100 }).toEqual({ reason: 'account-disabled', inTime: true })
  await client.closed()
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  expect(await operator.request('ops/user/enable', { username: 'ann' })).toMatchObject({ code: 0 })
  const { token: next } = await running.admin.tokens.issueForAccount(
    (await running.admin.store.accounts.accountByUsername('ann')) ?? expect.fail('no account'),
  )
  await using again = await connectWithToken(running.wsUrl, next)
  expect(await again.request('account/me')).toMatchObject({ code: 0 })
})

test('a device that is disabled is disconnected within 100 ms and stays out until it is enabled', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const lamp = await connectAsDevice(running, device)
  const end = endOf(running, 'lamp-1', 'device-barred')

  expect(await operator.request('ops/device/disable', { deviceId: 'lamp-1' })).toMatchObject({ code: 0 })

  const { tookMs, reason } = await end
  expect({ reason, inTime: tookMs < 100 }).toEqual({ reason: 'device-disabled', inTime: true })
  await lamp.closed()
  await expect(connectAsDevice(running, device)).rejects.toMatchObject({ code: 5 })
  expect(await operator.request('ops/device/enable', { deviceId: 'lamp-1' })).toMatchObject({ code: 0 })
  await using _again = await connectAsDevice(running, device)
})

test('a device that an operator adds connects with what was shown, and its owner claims it', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const added = await operator.request('ops/device/add', { type: 'lamp', deviceId: 'lamp-9', name: 'Desk' })
  expect(added).toMatchObject({ code: 0, data: { id: 'lamp-9', type: 'lamp' } })
  const device = added.data as { id: string; secret: string; claimCode: string }

  await operator.subscribe('devices/+/presence')
  expect((await operator.message('devices/lamp-9/presence')).payload).toBe('{"online":false,"since":0}')
  await using _lamp = await connectAsDevice(running, device)
  const { client } = await registerUser(running, 'ann')
  const claimed = await client.request('device/claim', { deviceId: 'lamp-9', code: device.claimCode })
  expect(claimed).toMatchObject({ code: 0, data: { name: 'Desk', online: true } })
  await client[Symbol.asyncDispose]()
})

test('the link for its first owner begins with the public URL, and what it leads to says where it belongs', async () => {
  await using running = await startApp({ env: { LATCHKEY_PUBLIC_URL: 'https://example.com/iot/' } })
  await using operator = await connectOperator(running)
  const added = await operator.request('ops/device/add', { type: 'lamp', deviceId: 'lamp-9' })
  const { claimCode, link } = added.data as { claimCode: string; link: string }
  expect(link).toBe(`https://example.com/iot/claim?device=lamp-9&code=${claimCode}`)
  const reset = await operator.request('ops/device/reset', { deviceId: 'lamp-9' })
  expect(reset.data).toMatchObject({ link: expect.stringMatching(/^https:\/\/example\.com\/iot\/claim\?/) })

  const page = await fetch(link.replace('https://example.com/iot', running.httpUrl))
  expect([page.status, page.headers.get('content-security-policy')]).toEqual([
    200,
    expect.stringMatching(/^default-src 'none'/),
  ])
  const text = await page.text()
  expect(text).toMatch(/小程序.*mini-program/s)
  expect(text).not.toContain(claimCode)
})

test('a device that cannot be added is refused with the reason', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  await addDevice(running, 'lamp', 'lamp-1')
  for (const [body, code, msg] of [
    [{ type: 'lamp', deviceId: 'lamp-1' }, 3002, 'lamp-1'],
    [{ type: 'toaster' }, 4000, 'type'],
    [{ type: 'lamp', deviceId: 'jwt' }, 4000, 'deviceId'],
    [{ type: 'lamp', deviceId: 'a/b' }, 4000, 'deviceId'],
    [{ type: 'lamp', name: '\u0007' }, 4000, 'name'],
  ] as const) {
    const reply = await operator.request('ops/device/add', body)
    expect(reply).toMatchObject({ code, msg: expect.stringContaining(msg), data: null })
  }
})

test('a device that is reset loses its session and its old secret', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const lamp = await connectAsDevice(running, device)
  const reset = await operator.request('ops/device/reset', { deviceId: 'lamp-1' })
  expect(reset).toMatchObject({ code: 0, data: { id: 'lamp-1' } })
  await lamp.closed()
  expect(logged(running, '"session-closed"', '"device-reset"')).toBe(true)
  await expect(connectAsDevice(running, device)).rejects.toMatchObject({ code: 4 })
  await using _again = await connectAsDevice(running, reset.data as typeof device)
})

test('a session that is kicked ends, and its client may come back', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client, token } = await registerUser(running, 'ann')
  expect(await operator.request('ops/kick', { clientId: client.id })).toMatchObject({ code: 0 })
  await client.closed()
  expect(logged(running, '"session-closed"', '"kicked"', client.id)).toBe(true)
  await using again = await connectWithToken(running.wsUrl, token)
  expect(await again.request('account/me')).toMatchObject({ code: 0 })
})

test('signing an account out ends its tokens, and revoking a token ends its session', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await registerUser(running, 'ann')
  const ben = await registerUser(running, 'ben')
  expect(await operator.request('ops/user/signout', { username: 'ann' })).toMatchObject({ code: 0 })
  await ann.client.closed()
  await expect(connectWithToken(running.wsUrl, ann.token)).rejects.toMatchObject({ code: 5 })

  const listed = await operator.request('ops/sessions', { search: ben.client.id })
  const [row] = (listed.data as { sessions: { tokenId: string }[] }).sessions
  expect(await operator.request('ops/token/revoke', { tokenId: row?.tokenId })).toMatchObject({ code: 0 })
  await ben.client.closed()
  await expect(connectWithToken(running.wsUrl, ben.token)).rejects.toMatchObject({ code: 5 })
})

test('what is not there is refused, and nothing is on record', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const acted: unknown[] = []
  running.app.events.on('acted', deed => acted.push(deed))
  for (const [name, body, code] of [
    ['ops/kick', { clientId: 'nobody' }, 3001],
    ['ops/user/disable', { username: 'nobody' }, 3001],
    ['ops/user/enable', { username: 'nobody' }, 3001],
    ['ops/user/signout', { username: 'nobody' }, 3001],
    ['ops/token/revoke', { tokenId: 'nothing' }, 3001],
    ['ops/device/disable', { deviceId: 'nothing' }, 2001],
    ['ops/device/enable', { deviceId: 'nothing' }, 2001],
    ['ops/device/reset', { deviceId: 'nothing' }, 2001],
  ] as const) {
    expect(await operator.request(name, body), name).toMatchObject({ code, data: null })
  }
  expect(acted).toEqual([])
})

test('operators cannot lock themselves out', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  for (const username of ['root', 'ROOT', '\uff52oot'])
    expect(await operator.request('ops/user/disable', { username }), username).toMatchObject({ code: 4003 })
  expect(await operator.request('ops/user/enable', { username: 'root' })).toMatchObject({ code: 0 })
  expect(await operator.request('account/me')).toMatchObject({ code: 0, data: { username: 'root' } })
})

test('sessions, users and devices are listed by the page, with what they are searched by', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await ownerOf(running, 'lamp-1', 'lamp')
  await using _lamp = await connectAsDevice(running, ann.device)
  await addDevice(running, 'lamp', 'lamp-2')

  expect(await operator.request('ops/sessions', { sort: 'name', search: 'LAMP' })).toMatchObject({
    code: 0,
    data: {
      total: 2,
      sessions: [
        { clientId: 'lamp-1', kind: 'device', name: 'lamp-1', transport: 'tcp' },
        { clientId: ann.client.id, kind: 'user', name: 'owner-of-lamp-1', userId: ann.userId, filters: 2 },
      ],
    },
  })
  expect(await operator.request('ops/sessions', { kind: 'operator' })).toMatchObject({
    data: { total: 1, sessions: [{ clientId: operator.id, name: 'root' }] },
  })
  expect(await operator.request('ops/users', { limit: 1, offset: 1 })).toMatchObject({
    data: { total: 2, users: [{ username: 'root', role: 'operator', disabled: false }] },
  })
  expect(await operator.request('ops/devices', { search: 'owner-of' })).toMatchObject({
    data: { total: 1, devices: [{ id: 'lamp-1', owner: 'owner-of-lamp-1', online: true }] },
  })
  expect(await operator.request('ops/devices', { search: 'AMP-2' })).toMatchObject({
    data: { total: 1, devices: [{ id: 'lamp-2', owner: null, online: false, since: 0 }] },
  })
  await ann.client[Symbol.asyncDispose]()
})

test('an operator changes the level of the log while the program runs', async () => {
  await using running = await startApp({ env: { LATCHKEY_LOG_LEVEL: 'warn' } })
  await using operator = await connectOperator(running)
  expect(await operator.request('ops/log-level')).toMatchObject({ code: 0, data: { level: 'warn' } })
  expect(await operator.request('ops/log-level', { level: 'info' })).toMatchObject({ data: { level: 'info' } })
  expect(await operator.request('ops/log-level', { level: 'loud' })).toMatchObject({ code: 4000 })
  expect(logged(running, '"log-level-changed"')).toBe(true)
  expect(logged(running, '"request-answered"', '"root"')).toBe(true)
  expect(await operator.request('ops/audit', { kind: 'log-level' })).toMatchObject({
    data: { entries: [{ kind: 'log-level', byName: 'root', detail: 'info' }] },
  })
})
