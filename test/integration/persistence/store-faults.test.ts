import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectClient, connectGuest, type TestClient } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

/** Connects a service that may publish and subscribe under `app/`. */
async function connectService(running: RunningApp, clientId: string, clean = true): Promise<TestClient> {
  const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
  const { token } = await running.admin.tokens.issueForService('pipeline', acl, 3600)
  return connectClient(running.mqttUrl, { clientId, username: 'jwt', password: token, clean })
}

const readiness = async (running: RunningApp) => {
  const response = await fetch(`${running.httpUrl}/readyz`)
  return [response.status, ((await response.json()) as { problem?: string }).problem] as const
}

/** Publishes what leaves something behind; true when it was acknowledged, false when the connection was closed instead. */
function isAcknowledged(client: TestClient, qos: 1 | 2, payload: string | Buffer = 'x'): Promise<boolean> {
  return Promise.race([
    client.mqtt.publishAsync('app/kept', payload, { qos, retain: true }).then(() => true),
    client.closed().then(() => false),
  ])
}

test.each([1, 2] as const)(
  'while the database is locked nothing at QoS %i is acknowledged, everything else goes on, and it recovers by itself',
  async qos => {
    await using running = await startApp()
    const { device, client: owner } = await ownerOf(running, 'lamp-1', 'lamp')
    await using lamp = await connectAsDevice(running, device)
    await lamp.subscribe(topics.set('lamp-1'))
    const writer = await connectService(running, 'writer')
    expect(await readiness(running)).toEqual([200, undefined])

    const other = new Database(join(running.config.dataDir, 'mqtt.db'))
    other.exec('begin immediate')
    expect(await isAcknowledged(writer, qos)).toBe(false)
    expect(await readiness(running)).toEqual([503, 'mqtt.db cannot be written: database is locked'])
    expect(running.lines.some(line => line.includes('message-not-kept'))).toBe(true)
    await using guest = await connectGuest(running.wsUrl)
    expect((await guest.request('account/me')).code).toBe(4003)
    owner.mqtt.publish(topics.set('lamp-1'), '{"on":true}')
    await lamp.message(topics.set('lamp-1'))

    other.exec('rollback')
    other.close()
    await using again = await connectService(running, 'writer')
    expect(await isAcknowledged(again, qos)).toBe(true)
    expect(await readiness(running)).toEqual([200, undefined])
    await owner[Symbol.asyncDispose]()
  },
)

test('on a full disk nothing is acknowledged that is not kept, and what was kept before stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-full-'))
  const sqlite = new Database(join(folder, 'mqtt.db'))
  sqlite.pragma('journal_mode = WAL')
  const mqttStore = openMqttStore(sqlite, { queue: { maxMessages: 1000, maxBytes: 1e9 } })
  await using running = await startApp({ mqttStore })
  const writer = await connectService(running, 'writer')
  expect(await isAcknowledged(writer, 1, 'before')).toBe(true)

  sqlite.pragma(`max_page_count = ${sqlite.pragma('page_count', { simple: true })}`) // SQLITE_FULL from here on
  expect(await isAcknowledged(writer, 1, Buffer.alloc(60_000, 'x'))).toBe(false)
  await using reader = await connectService(running, 'reader')
  await reader.subscribe('app/kept', 1)
  expect((await reader.message('app/kept')).payload).toBe('before')

  sqlite.pragma('max_page_count = 1000000')
  await using again = await connectService(running, 'writer')
  expect(await isAcknowledged(again, 1, Buffer.alloc(60_000, 'x'))).toBe(true)
  await rm(folder, { recursive: true, force: true })
})

test.each([
  ['is no database', Buffer.from('garbage '.repeat(1000))],
  ['has a page overwritten', undefined],
])('a file that %s is refused at the start, with what to do', async (_what, garbage) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-damaged-'))
  const file = join(dataDir, 'mqtt.db')
  if (garbage) await writeFile(file, garbage)
  else {
    const sqlite = new Database(file)
    openMqttStore(sqlite, { queue: { maxMessages: 1, maxBytes: 1 } })
    const bytes = sqlite.serialize()
    sqlite.close()
    bytes.fill(0xff, 4096 * 2, 4096 * 3)
    await writeFile(file, bytes)
  }
  await expect(startApp({ dataDir })).rejects.toThrow(
    /mqtt\.db is damaged\. Put a backup in its place; or move it away/,
  )
  await rm(dataDir, { recursive: true, force: true })
})
