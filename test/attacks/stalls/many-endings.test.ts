import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { watchTurns } from '../../support/abuse/watch-turns.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

/** Thousands of handshakes take a while on a machine that is shared. */
const patience = 300_000
const quietly = { LATCHKEY_LOG_LEVEL: 'warn' }
/** So many are there from the beginning; whatever further rounds end comes when it is needed. */
const rounds = 2

const closings = (running: RunningApp, reason: string): (() => number) => {
  let count = 0
  running.app.events.on('session-closed', closed => {
    if (closed.reason === reason) count++
  })
  return () => count
}

test(
  'a service token that is revoked ends its 2000 sessions, and nobody waits for that',
  async () => {
    await using running = await startApp({ env: quietly })
    await using operator = await connectOperator(running)
    await using abuser = await startAbuser()
    const ids: string[] = []
    const comes = async (n: number) => {
      const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
      const { id, token } = await running.admin.tokens.issueForService(`fleet-${n}`, acl, 36_000)
      ids.push(id)
      const fleet = { tokens: token, prefix: `fleet-${n}`, filters: ['app/a', 'app/b'], clean: n > 0 }
      await abuser.call('connectFleet', running.app.ports.mqtt, 2000, fleet)
    }
    for (let n = 0; n < rounds; n++) await comes(n)
    const closed = closings(running, 'token-revoked')
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(
      async n => {
        expect((await operator.request('ops/token/revoke', { tokenId: ids[n] })).code).toBe(0)
        await expect.poll(closed, { timeout: 20_000 }).toBe(2000 * (n + 1))
      },
      { prepare: async n => n < rounds || comes(n) },
    )
    await expect.poll(() => abuser.call('open')).toBe(0)
  },
  patience,
)

test(
  'an account that is disabled ends its 200 sessions and suspends its 200 stored ones, and nobody waits for that',
  async () => {
    await using running = await startApp({ env: quietly, limits: { sessionsPerAccount: 1000 } })
    await using operator = await connectOperator(running)
    await using abuser = await startAbuser()
    const { mqtt } = running.app.ports
    const comes = async (n: number) => {
      const account = await running.admin.administration.addAccount({
        username: `u${n}`,
        password: 'secret',
        role: 'user',
      })
      if (typeof account === 'string') throw new Error(account)
      for (let device = 0; device < 20; device++) {
        const id = `lamp-${n}-${device}`
        await running.admin.provisioning.addDevice({ type: 'lamp', id })
        await running.admin.store.devices.claim(id, account.id)
      }
      const { token } = await running.admin.tokens.issueForAccount(account)
      const filters = ['devices/+/state', 'devices/+/presence', 'devices/+/events']
      await abuser.call('connectFleet', mqtt, 200, { tokens: token, prefix: `live-${n}`, filters })
      await abuser.call('storeFleet', mqtt, 200, { tokens: token, prefix: `away-${n}`, filters, qos: 1 })
    }
    for (let n = 0; n < rounds; n++) await comes(n)
    const closed = closings(running, 'account-disabled')
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(
      async n => {
        expect((await operator.request('ops/user/disable', { username: `u${n}` })).code).toBe(0)
        await expect.poll(closed, { timeout: 20_000 }).toBe((n + 1) * 200)
      },
      { prepare: async n => n < rounds || comes(n) },
    )
  },
  patience,
)

test(
  'an address that is blocked ends its 600 sessions, and nobody waits for that',
  async () => {
    await using running = await startApp({
      env: quietly,
      limits: { connectionsPerSecond: 10_000, connectionsPerAddress: 10_000, sessionsPerService: 3000 },
    })
    await using operator = await connectOperator(running)
    await using abuser = await startAbuser()
    const token = await serviceToken(running, 'fleet')
    const addressOf = (n: number) => `127.0.0.${10 + n}`
    const comes = (n: number) => {
      const fleet = { tokens: token, prefix: `fleet-${n}`, filters: ['app/a'], from: [addressOf(n)] }
      return abuser.call('connectFleet', running.app.ports.mqtt, 600, fleet)
    }
    for (let n = 0; n < rounds; n++) await comes(n)
    const closed = closings(running, 'address-blocked')
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(
      async n => {
        const { data } = await operator.request('ops/address/block', { address: addressOf(n), minutes: 5 })
        expect(data).toMatchObject({ ended: 600 })
        await expect.poll(closed, { timeout: 20_000 }).toBe((n + 1) * 600)
      },
      { prepare: async n => n < rounds || comes(n) },
    )
  },
  patience,
)

test(
  'a broker that stops with 6000 sessions has no turn that is long',
  async () => {
    const running = await startApp({ env: quietly, limits: { sessionsPerService: 6000 } })
    await using abuser = await startAbuser()
    const fleet = { tokens: await serviceToken(running), filters: ['app/a'] }
    await abuser.call('connectFleet', running.app.ports.mqtt, 6000, fleet)
    const closed = closings(running, 'broker-stopping')
    using turns = watchTurns()
    const startedAtMs = performance.now()
    await running.app.stop()
    const longestMs = turns.longestMs()
    const tookMs = Math.round(performance.now() - startedAtMs)
    console.log(`6000 sessions ended in ${tookMs} ms; longest turn ${longestMs.toFixed(1)} ms`)
    expect(closed()).toBe(6000)
    expect(longestMs).toBeLessThan(100)
    await running[Symbol.asyncDispose]()
  },
  patience,
)
