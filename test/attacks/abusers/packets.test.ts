import { expect, test } from 'vitest'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createFilterAbuses } from '../../support/abuse/filter-abuses.ts'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { got } from '../../support/packets.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { connectRaw, exchange, openTcp, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

test('limits.maxConnectPacketBytes, limits.maxPacketBytes: a client that announces too much is closed at once, again and again', async () => {
  await using running = await startApp({ limits: { connectTimeoutMs: 600_000 } })
  const password = await serviceToken(running)
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const early = await openTcp(running.app.ports.mqtt)
    early.send(Buffer.concat([Buffer.of(0x10, 0x81, 0x80, 0x01), Buffer.alloc(16_000)])) // one byte too many
    const late = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'late', username: 'jwt', password })
    late.send(Buffer.concat([Buffer.of(0x30, 0x81, 0x80, 0x10), Buffer.alloc(200_000)]))
    await Promise.all([early.closed, late.closed])
  })
  expect(running.app.connectedClients()).toBe(2)
})

test('limits.filtersPerPacket, limits.filtersPerSession: of filters without end so many are granted', async () => {
  await using running = await startApp({
    limits: { filtersPerPacket: 50, filtersPerSession: 200, refusedSubscribesPerMinute: 1_000_000 },
  })
  const password = await serviceToken(running)
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'filters', username: 'jwt', password })
  const packets = packetsOf(raw)
  let granted = 0
  let messageId = 0
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    messageId = (messageId % 60_000) + 1
    const subscriptions = Array.from({ length: 500 }, (_, n) => ({ topic: `app/f/${messageId}/${n}`, qos: 0 as const }))
    packets.length = 0
    const answer = exchange(raw, { cmd: 'subscribe', messageId, subscriptions })
    await expect.poll(got(packets, 'suback', messageId), { interval: 2 }).toBeDefined()
    const suback = await answer
    if (suback.cmd === 'suback') granted += suback.granted.filter(code => code !== 128).length
  })
  expect(granted).toBe(200)
  raw.close()
})

test.each([
  [1, 1000, true],
  [1, 1000, false],
  [20, 500, true],
  [20, 500, false],
])(
  'limits.filtersPerPacket: an integration that subscribes in %i packets %i filters each, and leaves, holds nobody up (clean session: %s)',
  async (packets, filtersPerPacket, clean) => {
    await using running = await startApp()
    const token = await serviceToken(running)
    await using abuser = await startElsewhere<ReturnType<typeof createFilterAbuses>>(
      new URL('../../support/abuse/filter-abuses.ts', import.meta.url),
      'createFilterAbuses',
    )
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(async n => {
      const as = { port: running.app.ports.mqtt, token, clean, clientId: `house-${n}` }
      const granted = await abuser.call('subscribeMany', { ...as, packets, filtersPerPacket })
      expect(granted).toBe(packets * filtersPerPacket)
    })
  },
  120_000,
)

test.each([['subscribe'], ['unsubscribe']] as const)(
  'limits.filtersPerPacket: 37,000 filters in one packet are not worked on (%s)',
  async type => {
    await using running = await startApp()
    const token = await serviceToken(running)
    await using abuser = await startElsewhere<ReturnType<typeof createFilterAbuses>>(
      new URL('../../support/abuse/filter-abuses.ts', import.meta.url),
      'createFilterAbuses',
    )
    await using canary = await startCanary(running)
    await canary.stayHealthyWhile(() => abuser.call('sendHuge', running.app.ports.mqtt, token, type))
    const lines = running.lines.filter(line => line.includes('too-many-filters-in-packet'))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.every(line => line.includes('37000'))).toBe(true)
  },
)
