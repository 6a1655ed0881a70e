import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectUnhelpful } from '../../support/abuse/unhelpful-clients.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { keepPublishing } from '../../support/keep-publishing.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { publishPacket } from '../../support/packets.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'

const bytesUnread = 8_000_000

test('stopping under load waits for no client: what was acknowledged is kept, and wills are sent', async ({ skip }) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-stop-'))
  const first = await startApp({
    dataDir,
    configure: config => ({
      ...config,
      limits: { ...config.limits, messagesPerSecond: 1e6, maxBufferedBytes: 4 * bytesUnread },
    }),
  })
  const topics = { publish: ['app/#'], subscribe: ['app/#'] }
  const issued = await first.admin.administration.issueServiceToken({ name: 's', ...topics })
  if (!('token' in issued)) throw new Error('no token')
  const as = (clientId: string, clean = true) => ({ clientId, username: 'jwt', password: issued.token, clean })

  const away = await connectClient(first.mqttUrl, as('away', false))
  await away.subscribe('app/kept/#', 1)
  await away[Symbol.asyncDispose]()
  const unhelpful = await connectUnhelpful(first.app.ports, as)
  const will = { topic: 'app/kept/will', payload: Buffer.from('left'), qos: 1 as const, retain: false }
  const willing = await connectClient(first.mqttUrl, { ...as('willing'), will })

  const writers = await Promise.all([first.mqttUrl, first.wsUrl].map((url, n) => connectClient(url, as(`w${n}`))))
  const bulk = await connectRaw('tcp', first.app.ports.mqtt, as('bulk'))
  for (let sent = 0; sent < bytesUnread; sent += 200_000) bulk.send(publishPacket('app/bulk', Buffer.alloc(200_000)))

  const acknowledged = new Set<string>()
  let open = writers.length
  for (const writer of writers) {
    writer.mqtt.once('close', () => open--)
    keepPublishing(writer, { inFlight: 20, acknowledged })
  }
  await expect.poll(() => acknowledged.size).toBeGreaterThan(200)

  const startedAtMs = performance.now()
  const stopped = first.app.stop()
  await expect(connectClient(first.mqttUrl, as('late'))).rejects.toThrow()
  await stopped
  expect(performance.now() - startedAtMs).toBeLessThan(5000)
  await unhelpful.closed()
  await willing.closed()
  await expect.poll(() => open).toBe(0)
  await Promise.all([...writers, willing].map(client => client[Symbol.asyncDispose]()))
  expect(first.lines.filter(line => JSON.parse(line).event === 'fault')).toEqual([])
  await first[Symbol.asyncDispose]()

  await using second = await startApp({ dataDir })
  await using back = await connectClient(second.mqttUrl, as('away', false))
  const received = () => back.received.map(({ payload }) => payload)
  await expect.poll(() => [...acknowledged].filter(payload => !new Set(received()).has(payload)).length).toBe(0)
  await back.message('app/kept/will')
  expect(received().filter(payload => payload === 'left')).toHaveLength(1)
  await rm(dataDir, { recursive: true, force: true })
})
