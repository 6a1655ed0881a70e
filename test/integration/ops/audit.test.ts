import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditRow } from '../../../src/protocol/operations/audit.ts'
import { connectClient, connectGuest, type TestClient, wechatCode } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { give } from '../../support/sharing.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, ownerOf, password, registerUser } from '../../support/story.ts'

/** What is on record, oldest first, as an operator is told. */
async function trail(operator: TestClient, filter: object = {}): Promise<AuditRow[]> {
  const reply = await operator.request('ops/audit', filter)
  expect(reply).toMatchObject({ code: 0 })
  return (reply.data as { entries: AuditRow[] }).entries.toReversed()
}
const kindsOf = (rows: readonly AuditRow[]) => rows.map(({ kind }) => kind)

test('signing in, sharing, leaving and being disabled are on record: who, from where, when, and to whom', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await ownerOf(running, 'lamp-1', 'lamp')
  const ben = await registerUser(running, 'ben')
  await give(ann.client, 'lamp-1', 'viewer', ben.client)
  await ann.client.request('device/revoke', { deviceId: 'lamp-1', userId: ben.userId })
  await ben.client.request('auth/password', { current: password, next: password })
  await ben.client.request('auth/unbind', { password })
  await ann.client.request('device/release', { deviceId: 'lamp-1' })
  await ann.client.request('auth/logout')
  await operator.request('ops/user/disable', { username: 'ben' })

  const rows = await trail(operator)
  expect(kindsOf(rows)).toEqual([
    'connected',
    'registered',
    'device-claimed',
    'registered',
    'device-shared',
    'invitation-accepted',
    'member-removed',
    'password-changed',
    'unbound',
    'device-released',
    'signed-out',
    'user/disable',
  ])
  const { id: _id, at, ...disabled } = rows.at(-1) ?? expect.fail('nothing is on record')
  expect(Math.abs(at - Date.now())).toBeLessThan(10_000)
  expect(disabled).toEqual({
    kind: 'user/disable',
    by: expect.stringMatching(/^operator:/),
    byName: 'root',
    clientId: operator.id,
    address: '127.0.0.1',
    target: `user:${ben.userId}`,
    targetName: 'ben',
  })
  expect(rows[5]).toMatchObject({
    by: `user:${ben.userId}`,
    clientId: ben.client.id,
    target: 'device:lamp-1',
    detail: `viewer, given by user:${ann.userId} (owner-of-lamp-1)`,
  })
  expect(rows[6]).toMatchObject({ by: `user:${ann.userId}`, detail: `user:${ben.userId} (ben)` })
  expect(kindsOf(await trail(operator, { who: 'ben' }))).toContain('member-removed')
  await ann.client[Symbol.asyncDispose]()
  await ben.client[Symbol.asyncDispose]()
})

test('refusals to sign in are on record with the account that was tried, and no name that may be a password', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await registerUser(running, 'ann')
  await using guest = await connectGuest(running.wsUrl)
  const wrong = password.replace(/^./, digit => (digit === '0' ? '1' : '0'))
  await guest.request('auth/signin', { username: 'ann', password: wrong })
  await guest.request('auth/signin', { username: 'hunter2', password })
  await guest.request('auth/login', { code: wechatCode('stranger') })
  await ann.client.request('auth/password', { current: wrong, next: password })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await expect(connectAsDevice(running, { ...device, secret: 'x' })).rejects.toMatchObject({ code: 4 })
  await expect(connectClient(running.wsUrl, { username: 'jwt', password: 'x' })).rejects.toMatchObject({ code: 4 })

  const refused = await trail(operator, { kind: 'sign-in-refused' })
  expect(refused.map(({ by, target, targetName, detail }) => [by.split(':')[0], target, targetName, detail])).toEqual([
    ['guest', `user:${ann.userId}`, 'ann', 'auth/signin 1'],
    ['guest', undefined, undefined, 'auth/signin 1'],
    ['guest', undefined, undefined, 'auth/login 1001'],
    ['user', `user:${ann.userId}`, 'ann', 'auth/password 1'],
    ['guest', undefined, undefined, 'bad-credentials'],
    ['guest', undefined, undefined, 'bad-credentials'],
  ])
  expect(kindsOf(await trail(operator, { who: 'lamp-1' }))).toEqual(['sign-in-refused'])
  expect(JSON.stringify(refused)).not.toContain('hunter2')
  await ann.client[Symbol.asyncDispose]()
})

test('the trail comes a page at a time, and is what it was after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-audit-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  {
    await using running = await startApp({ dataDir })
    await using operator = await connectOperator(running)
    for (const id of ['lamp-1', 'lamp-2', 'lamp-3'])
      await operator.request('ops/device/add', { type: 'lamp', deviceId: id })
  }
  await using running = await startApp({ dataDir })
  await using operator = await connectOperator(running, 'other')
  const first = await operator.request('ops/audit', { kind: 'device/add', limit: 2 })
  const { entries, next } = first.data as { entries: AuditRow[]; next: number }
  expect(entries.map(({ target }) => target)).toEqual(['device:lamp-3', 'device:lamp-2'])
  const second = await operator.request('ops/audit', { kind: 'device/add', limit: 2, before: next })
  expect(second.data).toMatchObject({ entries: [{ target: 'device:lamp-1' }], next: null })
})

test('what is done on the command line is on record too, and the command line prints the trail as JSON lines', async () => {
  await using running = await startApp()
  for (const [args, typed] of [
    [['user', 'add', 'ann', '--password-stdin'], 'secret words'],
    [['user', 'disable', 'ann'], ''],
    [['user', 'enable', 'ann'], ''],
    [['user', 'role', 'ann', 'operator'], ''],
    [['token', 'issue', '--user', 'ann'], ''],
    [['token', 'issue', '--service', 'nodered', '--publish', 'app/#'], ''],
    [['device', 'add', '--type', 'lamp', '--id', 'lamp-1'], ''],
    [['device', 'reset', 'lamp-1'], ''],
    [['device', 'disable', 'lamp-1'], ''],
    [['product', 'rotate', 'lamp'], ''],
    [['keys', 'rotate'], ''],
    [['device', 'disable', 'nothing'], ''],
    [['token', 'issue', '--service', 'nodered', '--publish', '$SYS/#'], ''],
  ] as const) {
    await runCommand(running, args, { typed })
  }
  const { exitCode, stdout } = await runCommand(running, ['audit', '--since', '1h', '--json'])
  expect(exitCode).toBe(0)
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): AuditRow => JSON.parse(line))
  expect(kindsOf(rows)).toEqual([
    'user/add',
    'user/disable',
    'user/enable',
    'user/role',
    'token/issue',
    'token/issue',
    'device/add',
    'device/reset',
    'device/disable',
    'product/rotate',
    'keys/rotate',
  ])
  expect(rows[0]).toMatchObject({ by: 'cli:smith', targetName: 'ann', detail: 'user' })
  expect(rows[5]).toMatchObject({ target: 'service:nodered' })
  expect(rows[9]).toMatchObject({ target: 'product:lamp' })
  expect(stdout).not.toContain('secret words')

  const text = await runCommand(running, ['audit', '--who', 'ann', '--kind', 'user/role'])
  expect(text.stdout).toMatch(/^\d{4}-\S+Z {2}user\/role +cli:smith {2}→ user:\S+ \(ann\) {2}\[operator\]\n$/)
  expect((await runCommand(running, ['audit', '--since', '2100-01-01'])).stdout).toBe('')
  expect((await runCommand(running, ['audit', '--since', 'yesterday'])).exitCode).toBe(2)
})
