import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { connectOperator } from '../../support/operator.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

/** Thousands of connections take a while on a machine that is shared. */
const patience = 300_000
const quietly = { LATCHKEY_LOG_LEVEL: 'warn' }

test(
  'an address that is blocked loses its 4400 connections that have not signed in, and nobody waits for that',
  async () => {
    await using running = await startApp({
      env: quietly,
      limits: { connectionsPerSecond: 10_000, connectionsPerAddress: 10_000, connectTimeoutMs: 250_000 },
    })
    await using operator = await connectOperator(running)
    await using abuser = await startAbuser()
    const { mqtt } = running.app.ports
    const addressOf = (n: number) => `127.0.0.${n + 2}`
    const open = async (n: number) => {
      await abuser.call('openSockets', mqtt, 2200, addressOf(n))
      await abuser.call('openSockets', mqtt, 2200, addressOf(n), '\x10\x20') // a CONNECT that does not go on
    }
    const others = 1 // a process may have 20,000 descriptors here
    for (let n = 0; n < others; n++) await open(n)
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(
      async n => {
        expect(await abuser.call('openSilent')).toBe((others + 1) * 4400)
        expect((await operator.request('ops/address/block', { address: addressOf(n), minutes: 5 })).code).toBe(0)
        await expect.poll(() => abuser.call('openSilent'), { timeout: 20_000 }).toBe(others * 4400)
      },
      { prepare: n => open(others + n) },
    )
  },
  patience,
)

test(
  'an IPv6 network is blocked among 5000 sessions of others, and nobody waits for that',
  async () => {
    await using running = await startApp({
      env: { ...quietly, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' },
      limits: { sessionsPerService: 6000 },
    })
    await using operator = await connectOperator(running)
    await using abuser = await startAbuser()
    const sources = Array.from({ length: 5000 }, (_, n) => `2001:db8:${n.toString(16)}:7::${(n + 9).toString(16)}`)
    await abuser.call('connectFleet', running.app.ports.mqtt, sources.length, {
      tokens: await serviceToken(running, 'fleet'),
      sources,
    })
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(async n => {
      const { data } = await operator.request('ops/address/block', { address: sources[n], minutes: 5 })
      expect(data).toMatchObject({ network: `2001:db8:${n.toString(16)}:7::/64`, ended: 1 })
      const { data: found } = await operator.request('ops/sessions', { search: sources[n + 100] })
      expect(found).toMatchObject({ total: 1 })
    })
  },
  patience,
)
