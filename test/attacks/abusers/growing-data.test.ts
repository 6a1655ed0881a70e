import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTokenPruner } from '../../../src/accounts/tokens/token-pruner.ts'
import { startHistoryPruner } from '../../../src/registry/history/history-pruner.ts'
import { systemScheduler } from '../../../src/registry/scheduler.ts'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, ownerOf, registerUser } from '../../support/story.ts'

const accountsFile = ({ config }: RunningApp) => join(config.dataDir, 'latchkey.db')

/** Accounts with a device and a token each. */
async function addAccounts({ admin }: RunningApp, count: number) {
  const tokens: { readonly id: string; readonly token: string }[] = []
  for (let n = 0; n < count; n++) {
    const account = await admin.administration.addAccount({ username: `u${n}`, password: 'secret', role: 'user' })
    if (typeof account === 'string') throw new Error(account)
    await admin.provisioning.addDevice({ type: 'lamp', id: `lamp-${n}` })
    await admin.store.devices.claim(`lamp-${n}`, account.id)
    tokens.push(await admin.tokens.issueForAccount(account))
  }
  return tokens
}

test('a command that writes while 6000 sessions are open holds no message up, and the tokens that it revoked end within two seconds', {
  timeout: 300_000,
}, async () => {
  await using running = await startApp({ env: { LATCHKEY_LOG_LEVEL: 'warn' } })
  const tokens = await addAccounts(running, 100)
  await using abuser = await startAbuser()
  const fleet = { tokens: tokens.map(({ token }) => token), filters: ['devices/+/state'] }
  await abuser.call('connectFleet', running.app.ports.mqtt, 6000, fleet)
  const ended: number[] = []
  running.app.events.on('session-closed', ({ reason }) => reason === 'token-revoked' && ended.push(performance.now()))
  await using canary = await startCanary(running)
  const waitedMs: number[] = []
  await canary.stayHealthyWhile(
    async n => {
      ended.length = 0
      const startedAt = performance.now()
      await abuser.call('sql', accountsFile(running), [
        `update token set revoked_at_ms = 1 where id = '${tokens[n]?.id}'`,
      ])
      await expect.poll(() => ended.length, { interval: 20 }).toBe(60)
      waitedMs.push(Math.max(...ended) - startedAt)
    },
    { most: 8 },
  )
  console.log(`revoked sessions of 6000 ended after ${waitedMs.map(ms => Math.round(ms)).join(', ')} ms`)
  expect(waitedMs.sort((a, b) => a - b)[1]).toBeLessThan(2000)
})

test('accepting an invitation, and losing the device again, with 2000 stored sessions of the account holds no message up', {
  timeout: 300_000,
}, async () => {
  await using running = await startApp({
    env: { LATCHKEY_LOG_LEVEL: 'warn' },
    limits: { sessionsPerAccount: 3000 },
  })
  const { client } = await ownerOf(running, 'shared', 'lamp')
  await using owner = client
  const { client: guest, token, userId } = await registerUser(running, 'friend')
  await using friend = guest
  for (let n = 0; n < 20; n++) {
    await addDevice(running, 'lamp', `lamp-${n}`)
    await running.admin.store.devices.claim(`lamp-${n}`, userId)
  }
  await using abuser = await startAbuser()
  const fleet = {
    tokens: token,
    filters: ['devices/+/state', 'devices/+/presence', 'devices/+/events'],
    qos: 1,
  } as const
  await abuser.call('storeFleet', running.app.ports.mqtt, 2000, fleet)
  await using canary = await startCanary(running)
  await canary.stayHealthyWhile(
    async () => {
      const { data } = await owner.request('device/share', { deviceId: 'shared', role: 'viewer' })
      const accepted = await friend.request('device/accept', {
        invitation: (data as { invitation: string }).invitation,
      })
      expect(accepted.code).toBe(0)
      expect((await owner.request('device/revoke', { deviceId: 'shared', userId })).code).toBe(0)
    },
    { most: 8 },
  )
})

test('forgetting 200,000 expired tokens holds no message up', { timeout: 300_000 }, async () => {
  await using running = await startApp()
  await using abuser = await startAbuser()
  await abuser.call('sql', accountsFile(running), [
    `insert into token (id, subject, role, issued_at_ms, expires_at_ms)
     with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000)
     select hex(randomblob(16)), 'ann', 'user', 1, i from n`,
    `insert into token (id, subject, role, issued_at_ms, expires_at_ms) values ('oldest', 'ann', 'user', 1, 0), ('newest', 'ann', 'user', 1, 200000)`,
  ])
  await using canary = await startCanary(running)
  const { accounts } = running.admin.store
  const { events } = running.app
  await canary.stayHealthyWhile(async () => {
    const pruner = startTokenPruner({ store: accounts, events, now: Date.now, firstPassAfterMs: 0 })
    await setTimeout(2000)
    await pruner.stop()
  })
  // It was at it all the time.
  expect([...(await accounts.tokensById(['oldest', 'newest'])).keys()]).toEqual(['newest'])
})

test('a chart of 100,000 samples, whatever its range and its points, holds no message up', {
  timeout: 300_000,
}, async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 'attic', 'sensor')
  await using owner = client
  await using abuser = await startAbuser()
  const fromMs = Date.now() - 100_000_000
  await abuser.call('sql', accountsFile(running), [
    "insert into history_series (id, device_id, property) values (1, 'attic', 'temperature')",
    `insert into history_sample (series_id, at_ms, value)
     with recursive n (i) as (select 0 union all select i + 1 from n where i < 99999)
     select 1, ${fromMs} + i * 1000, i % 40 from n`,
    `insert into history_block (series_id, block, samples, total, lowest, highest)
     select 1, at_ms / 300000, count(*), sum(value), min(value), max(value) from history_sample group by at_ms / 300000`,
  ])
  await using canary = await startCanary(running)
  const ranges = [
    [500, { from: fromMs, to: fromMs + 100_000_000, points: 500 }],
    [1, { from: fromMs, to: fromMs + 100_000_000, points: 1 }],
    [17, { from: fromMs - 3_000_000_000, to: fromMs + 100_000_000, points: 500 }],
  ] as const
  for (const [length, range] of ranges) {
    await canary.stayHealthyWhile(async () => {
      const asked = { deviceId: 'attic', property: 'temperature', ...range }
      expect(await owner.request('device/history', asked)).toMatchObject({ code: 0, data: { samples: { length } } })
    })
  }
})

test('charts and usage of a year, asked for while old samples are brought into hours and days and all of it is pruned, hold no message up', {
  timeout: 300_000,
}, async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 'attic', 'plug')
  await using owner = client
  await using abuser = await startAbuser()
  const day = 86_400_000
  const firstMs = Math.floor(Date.now() / day - 500) * day
  await abuser.call('sql', accountsFile(running), [
    `insert into history_series (id, device_id, property, unfolded_from_ms, unfolded_to_ms) values
     (1, 'attic', 'power', null, null), (2, 'attic', 'energy', null, null), (3, 'attic', 'on', 0, ${Date.now()})`,
    // A year and more of hours of two properties, and of a third 100,000 samples that an earlier version kept.
    ...[1, 2].flatMap(id => [
      `insert into history_hour (series_id, hour, samples, total, lowest, highest, rise, last, last_at_ms)
       with recursive n (i) as (select 0 union all select i + 1 from n where i < 11999)
       select ${id}, ${firstMs / 3_600_000} + i, 60, 60.0 * i, i, i, 1, i, ${firstMs} + i * 3600000 from n`,
      `insert into history_day (series_id, day, samples, total, lowest, highest, rise)
       select series_id, hour / 24, sum(samples), sum(total), min(lowest), max(highest), sum(rise) from history_hour
       where series_id = ${id} group by hour / 24`,
    ]),
    `insert into history_sample (series_id, at_ms, value)
     with recursive n (i) as (select 0 union all select i + 1 from n where i < 99999)
     select 3, ${Date.now()} - 2600000000 + i * 25000, i % 2 from n`,
    `insert into history_block (series_id, block, samples, total, lowest, highest)
     select 3, at_ms / 300000, count(*), sum(value), min(value), max(value) from history_sample group by at_ms / 300000`,
  ])
  await using canary = await startCanary(running)
  const { history } = running.admin.store
  // All the time, not for a moment every ten minutes.
  const after = (delayMs: number, run: () => void) => systemScheduler.after(Math.min(delayMs, 10), run)
  const pruner = startHistoryPruner({
    store: history,
    retentionMs: 30 * day,
    aggregatesMs: 400 * day,
    rowsPerDevice: 50_000,
    events: running.app.events,
    now: Date.now,
    scheduler: { after },
  })
  const to = Date.now()
  const year = { deviceId: 'attic', from: to - 365 * day, to }
  const edges = Array.from({ length: 400 }, (_, n) => to - (400 - n) * day)
  const asked = [
    ['device/history', { ...year, property: 'power', points: 500 }],
    ['device/history', { ...year, property: 'power', points: 1 }],
    ['device/history', { ...year, property: 'on', points: 120 }],
    ['device/usage', { deviceId: 'attic', property: 'energy', edges }],
    ['device/usage', { deviceId: 'attic', property: 'on', edges: [edges[0], to] }],
    ['account/history', {}],
  ] as const
  await canary.stayHealthyWhile(
    async n => {
      const [operation, request] = asked[n % asked.length] ?? asked[0]
      expect((await owner.request(operation, request)).code).toBe(0)
    },
    { least: asked.length },
  )
  await expect
    .poll(async () => (await history.days('attic', { property: 'energy', dayMs: 0 }, 1))[0]?.dayMs, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(to - 401 * day)
  await pruner.stop()
})
