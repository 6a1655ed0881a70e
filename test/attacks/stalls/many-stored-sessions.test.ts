import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'

const sessions = 2000
const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const

test('a message to 2000 stored sessions stalls nobody, stands in the file once, and comes to each of them', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, sessionsPerService: sessions + 10 } }),
  })
  const { token } = await running.admin.tokens.issueForService('fleet', acl, 3600)
  await using abuser = await startAbuser()
  const fleet = { tokens: token, filters: ['app/news'], qos: 1 } as const
  await abuser.call('storeFleet', running.app.ports.mqtt, sessions, fleet)
  await using canary = await startCanary(running)
  const payload = Buffer.alloc(60_000, 'x')
  await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
  let sent = 0
  await canary.stayHealthyWhile(async n => {
    await writer.mqtt.publishAsync('app/news', `${n} ${payload}`, { qos: 1 })
    sent++
  })
  const wal = statSync(join(running.config.dataDir, 'mqtt.db-wal')).size
  const main = statSync(join(running.config.dataDir, 'mqtt.db')).size
  console.log(`${sent} messages of 60 kB to ${sessions} sessions: ${Math.round((wal + main) / 1e6)} MB on disk`)
  expect(wal + main).toBeLessThan(sent * 10e6)
  for (const n of [0, 999, 1999]) {
    await using back = await connectClient(running.mqttUrl, {
      clientId: `fleet-${n}`,
      username: 'jwt',
      password: token,
      clean: false,
    })
    await expect.poll(() => back.received.length, { timeout: 15_000 }).toBe(sent)
    expect(back.received.map(message => Number.parseInt(message.payload, 10))).toEqual(
      Array.from({ length: sent }, (_, i) => i),
    )
  }
})

test('a SUBSCRIBE of many wildcards over 10,000 retained messages stalls nobody', async () => {
  await using running = await startApp()
  const { token } = await running.admin.tokens.issueForService('fleet', acl, 3600)
  await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
  for (let from = 0; from < 10_000; from += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        writer.mqtt.publishAsync(`app/${(from + i) % 100}/${from + i}`, 'x'.repeat(200), { qos: 1, retain: true }),
      ),
    )
  await using abuser = await startAbuser()
  await using canary = await startCanary(running)
  const filters = ['app/#', ...Array.from({ length: 50 }, (_, i) => `app/+/${i}/#`)]
  await canary.stayHealthyWhile(n =>
    abuser.call('connectFleet', running.app.ports.mqtt, 3, { tokens: token, prefix: `reads-${n}`, filters }),
  )
})
