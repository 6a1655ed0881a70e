import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { startCanary } from '../../support/abuse/canary.ts'
import { type Elsewhere, startElsewhere } from '../../support/processes/elsewhere.ts'
import type { createReturningSessions } from '../../support/returning-sessions.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

const patience = 300_000
const quietly = { LATCHKEY_LOG_LEVEL: 'warn' }
const startReturning = (): Promise<Elsewhere<ReturnType<typeof createReturningSessions>>> =>
  startElsewhere(new URL('../../support/returning-sessions.ts', import.meta.url), 'createReturningSessions')

test(
  'limits.filtersPerSession: a stored session of 10,000 filters that comes back again and again holds nobody up',
  async () => {
    await using running = await startApp({ env: quietly })
    const house = { port: running.app.ports.mqtt, token: await serviceToken(running), prefix: 'house' }
    const sessions = { ...house, count: 1, filters: 10_000 }
    await using returning = await startReturning()
    await returning.call('store', sessions)
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(() => returning.call('comeBack', sessions))
  },
  patience,
)

test(
  'twenty stored sessions of 10,000 filters that come back together, again and again, and after a restart of the broker, hold nobody up',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-many-filters-'))
    await using returning = await startReturning()
    const house = { prefix: 'house', count: 20, filters: 10_000 }
    const comeBack = async (running: RunningApp, token: string) => {
      await using canary = await startCanary(running)
      const sessions = { ...house, token, port: running.app.ports.mqtt }
      await canary.stayHealthyWhile(() => returning.call('comeBack', sessions))
    }
    const before = await startApp({ dataDir, env: quietly })
    const token = await serviceToken(before)
    await returning.call('store', { ...house, token, port: before.app.ports.mqtt })
    await comeBack(before, token)
    await before[Symbol.asyncDispose]()
    const startedAtMs = performance.now()
    const running = await startApp({ dataDir, env: quietly })
    console.log(`started with 20 sessions of 10,000 filters in ${Math.round(performance.now() - startedAtMs)} ms`)
    await comeBack(running, token)
    await running[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  },
  patience,
)

test.each(['wipe', 'unsubscribeAll'] as const)(
  'stored sessions that give up 10,000 filters each hold nobody up (%s)',
  async how => {
    await using running = await startApp({ env: quietly })
    const token = await serviceToken(running)
    const house = { port: running.app.ports.mqtt, token, count: 2, filters: 10_000 }
    await using returning = await startReturning()
    await using canary = await startCanary(running)
    const of = (n: number) => ({ ...house, prefix: `house-${n}` })
    await canary.stayHealthyWhile(n => returning.call(how, of(n)), { prepare: n => returning.call('store', of(n)) })
  },
  patience,
)
