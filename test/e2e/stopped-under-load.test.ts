import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { connectUnhelpful } from '../support/abuse/unhelpful-clients.ts'
import { keepPublishing } from '../support/keep-publishing.ts'
import { connectClient } from '../support/mqtt-client.ts'
import { publishPacket } from '../support/packets.ts'
import { connectRaw, exchange } from '../support/raw-client.ts'

const bytesUnread = 4_000_000
const inFlight = 50
/** The broker gives clients a second and promises five; a machine that is busy with other tests gets more. */
const deadlineMs = 20_000

test('SIGTERM under load ends the program with 0, whatever its clients do; what it acknowledged is kept, and wills are sent', {
  timeout: 300_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-stop-'))
  const queue = { queuedMessagesPerSession: 1_000_000, queuedBytesPerSession: 1e9 }
  const limits = { messagesPerSecond: 1_000_000, bytesPerSecond: 1e9, maxBufferedBytes: 4 * bytesUnread, ...queue }
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ limits }))
  const settings = { NODE_CONFIG_DIR: dataDir, LATCHKEY_LOG_LEVEL: 'info' }
  const first = await startLatchkey(dataDir, settings)
  const topics = ['--publish', 'app/#', '--subscribe', 'app/#']
  const { token: password = '' } = await first.run(['token', 'issue', '--service', 's', ...topics])
  const as = (clientId: string, clean = true) => ({ clientId, username: 'jwt', password, clean })

  const away = await connectClient(first.mqttUrl, as('away', false))
  await away.subscribe('app/kept/#', 1)
  await away[Symbol.asyncDispose]()
  const unhelpful = await connectUnhelpful(first.ports, as)
  const will = { topic: 'app/kept/will', payload: Buffer.from('left'), qos: 1 as const, retain: true }
  const willing = await connectClient(first.mqttUrl, { ...as('willing'), will })
  const bulk = await connectRaw('tcp', first.ports.mqtt, as('bulk'))
  for (let sent = 0; sent < bytesUnread; sent += 200_000) bulk.send(publishPacket('app/bulk', Buffer.alloc(200_000)))
  await exchange(bulk, { cmd: 'pingreq' })
  const writers = await Promise.all([first.mqttUrl, first.wsUrl].map((url, n) => connectClient(url, as(`w${n}`))))
  const acknowledged = new Set<string>()
  for (const writer of writers) keepPublishing(writer, { inFlight, acknowledged })
  await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(1000)

  const startedAtMs = performance.now()
  const stopped = first.stop()
  await Promise.all(writers.map(writer => writer.closed()))
  void first.stop() // npm passes on a Ctrl-C that the terminal has sent already
  await expect(connectClient(first.mqttUrl, as('late'))).rejects.toThrow()
  await expect(connectClient(first.wsUrl, as('late'))).rejects.toThrow()
  expect(await stopped).toBe(0)
  expect(performance.now() - startedAtMs).toBeLessThan(deadlineMs)
  await unhelpful.closed()
  await Promise.all([bulk.closed, willing.closed()])
  await Promise.all([...writers, willing].map(client => client[Symbol.asyncDispose]()))

  const second = await startLatchkey(dataDir, settings)
  const back = await connectClient(second.mqttUrl, as('away', false))
  const missing = () => {
    const found = new Set(back.received.map(({ payload }) => payload))
    return [...acknowledged].filter(payload => !found.has(payload))
  }
  await expect.poll(missing, { timeout: 30_000 }).toEqual([])
  await back.message('app/kept/will')
  expect(back.received.filter(({ topic }) => topic === 'app/kept/will')).toHaveLength(1)
  const fresh = await connectClient(second.mqttUrl, as('fresh'))
  await fresh.subscribe('app/kept/will', 1)
  expect(await fresh.message('app/kept/will')).toMatchObject({ payload: 'left', retain: true })
  await Promise.all([back, fresh].map(client => client[Symbol.asyncDispose]()))
  expect(await second.stop()).toBe(0)
  await rm(dataDir, { recursive: true, force: true })
})
