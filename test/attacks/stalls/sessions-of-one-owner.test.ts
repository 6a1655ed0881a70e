import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { registerUser, serviceToken } from '../../support/story.ts'

/** Thousands of handshakes take a while on a machine that is shared. */
const patience = 180_000

const linesOf = ({ lines }: RunningApp, event: string): number =>
  lines.filter(line => line.includes(`"${event}"`)).length

test(
  'limits.sessionsPerService: who stores session after session keeps 2000, and nobody waits while others make room',
  async () => {
    await using running = await startApp()
    await using abuser = await startAbuser()
    const { mqtt } = running.app.ports
    const tokens = await serviceToken(running)
    await abuser.call('storeFleet', mqtt, 2000, { tokens, filters: ['app/x'], qos: 1 })
    expect(linesOf(running, 'session-dropped')).toBe(0)
    await using canary = await startCanary(running)
    let stored = 0
    await canary.stayHealthyWhile(async n => {
      await abuser.call('storeFleet', mqtt, 50, { tokens, prefix: `more-${n}`, filters: ['app/x'], qos: 1 })
      stored += 50
    })
    expect(linesOf(running, 'session-dropped')).toBe(stored)
  },
  patience,
)

test(
  'limits.sessionsPerAccount: of 2000 sessions of one account 200 are let in, and nobody waits while it tries on',
  async () => {
    await using running = await startApp()
    await using abuser = await startAbuser()
    const { mqtt } = running.app.ports
    const { client, token: tokens } = await registerUser(running, 'alice')
    await abuser.call('connectFleet', mqtt, 199, { tokens })
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(async n => {
      const tried = abuser.call('connectFleet', mqtt, 1800, { tokens, prefix: `more-${n}` })
      await expect(tried).rejects.toThrow('refused')
    })
    expect(linesOf(running, 'too-many-sessions')).toBeGreaterThan(0)
    expect(await abuser.call('open')).toBe(199)
    expect((await client.request('account/me')).code).toBe(0)
    await client[Symbol.asyncDispose]()
  },
  patience,
)

test(
  '500 stored sessions too many, after the limit was lowered, go one after the other, and nobody waits for that',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-lowered-'))
    const before = await startApp({ dataDir })
    const tokens = await serviceToken(before)
    await using abuser = await startAbuser()
    await abuser.call('storeFleet', before.app.ports.mqtt, 600, { tokens, filters: ['app/x'], qos: 1 })
    await before[Symbol.asyncDispose]()

    const running = await startApp({ dataDir, limits: { sessionsPerService: 100 } })
    const canary = await startCanary(running)
    const storeOne = (n: number) => abuser.call('storeFleet', running.app.ports.mqtt, 1, { tokens, prefix: `one-${n}` })
    await canary.stayHealthyWhile(storeOne)
    await expect.poll(() => linesOf(running, 'session-dropped')).toBeGreaterThan(500)
    await canary[Symbol.asyncDispose]()
    await running[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  },
  patience,
)
