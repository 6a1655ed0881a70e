import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { leave, logged, serviceToken } from '../../support/story.ts'

const expiringAfter =
  (sessionExpirySeconds: number) =>
  (config: Config): Config => ({ ...config, limits: { ...config.limits, sessionExpirySeconds } })

async function serviceOf(running: RunningApp) {
  const password = await serviceToken(running)
  return (clientId: string) => ({ clientId, username: 'jwt', password, clean: false })
}

/** How many rows of a session are in `mqtt.db`. */
function rowsOf(running: RunningApp, clientId: string): number {
  const sqlite = new Database(join(running.config.dataDir, 'mqtt.db'), { readonly: true })
  const count = (table: string) =>
    sqlite.prepare<[string], number>(`select count(*) from ${table} where client = ?`).pluck().get(clientId) ?? 0
  const rows = ['sessions', 'subscriptions', 'queue'].map(count)
  sqlite.close()
  return rows.reduce((sum, one) => sum + one, 0)
}

test('a stored session that nobody comes back to is forgotten with all that it was owed; one that is connected is not', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  let ms = Date.now()
  await using running = await startApp({ now: () => ms, configure: expiringAfter(2) })
  const as = await serviceOf(running)
  const gone = await connectClient(running.mqttUrl, as('gone'))
  await gone.subscribe('app/x', 1)
  await leave(running, gone)
  await using here = await connectClient(running.mqttUrl, as('here'))
  await here.subscribe('app/x', 1)
  await here.mqtt.publishAsync('app/x', 'owed', { qos: 1 })
  expect(rowsOf(running, 'gone')).toBe(3)
  ms += 1900
  await using other = await connectClient(running.mqttUrl, as('other')) // was never away
  const expired = once(running.app.events, 'session-expired')
  ms += 200
  expect(await expired).toMatchObject([{ clientId: 'gone', awayMs: 2100 }])
  expect(logged(running, '"session-expired"', '"gone"', 'service:pipeline')).toBe(true)
  await expect.poll(() => rowsOf(running, 'gone')).toBe(0)
  await here.mqtt.publishAsync('app/x', 'later', { qos: 1 })
  expect([rowsOf(running, 'gone'), other.mqtt.connected]).toEqual([0, true])
  await leave(running, here)
  await using back = await connectClient(running.mqttUrl, as('here'))
  await other.mqtt.publishAsync('app/x', 'still subscribed', { qos: 1 })
  await back.message('app/x', ({ payload }) => payload === 'still subscribed')
})

test('a session that comes back in time has its whole expiry again', async () => {
  let ms = Date.now()
  await using running = await startApp({ now: () => ms, configure: expiringAfter(2) })
  const as = await serviceOf(running)
  const awayMs = new Map<string, number>()
  running.app.events.on('session-expired', session => awayMs.set(session.clientId, session.awayMs))
  for (const clientId of ['stays-away', 'comes-back']) {
    await leave(running, await connectClient(running.mqttUrl, as(clientId)))
  }
  ms += 1500
  await leave(running, await connectClient(running.mqttUrl, as('comes-back')))
  ms += 1500
  await expect.poll(() => awayMs.get('stays-away')).toBe(3000)
  ms += 600
  await expect.poll(() => awayMs.get('comes-back')).toBe(2100)
})

test('a restart neither lengthens nor ends the expiry: a session that was connected when the broker died is away from the restart on', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-expiry-'))
  let ms = Date.now()
  const start = () => startApp({ dataDir, now: () => ms, configure: expiringAfter(1000) })
  const first = await start()
  const as = await serviceOf(first)
  await leave(first, await connectClient(first.mqttUrl, as('away')))
  const connected = await connectClient(first.mqttUrl, as('connected'))
  await connected.subscribe('app/x', 1)
  ms += 600_000

  // The first broker never stops: the second opens what a killed process would have left.
  const second = await start()
  const expired: string[] = []
  second.app.events.on('session-expired', ({ clientId }) => expired.push(clientId))
  expect([rowsOf(second, 'away'), rowsOf(second, 'connected')]).toEqual([1, 2])
  await second[Symbol.asyncDispose]()
  ms += 600_000

  const third = await start()
  expect(third.lines.filter(line => line.includes('"session-expired"'))).toHaveLength(1)
  await expect.poll(() => [rowsOf(third, 'away'), rowsOf(third, 'connected')]).toEqual([0, 2])
  await third[Symbol.asyncDispose]()
  ms += 500_000

  const fourth = await start()
  await expect.poll(() => rowsOf(fourth, 'connected')).toBe(0)
  await fourth[Symbol.asyncDispose]()
  await connected[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})
