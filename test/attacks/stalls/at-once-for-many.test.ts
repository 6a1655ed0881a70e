import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createHttpAbuses } from '../../support/abuse/http-abuses.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket, publishPacket } from '../../support/packets.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { startApp } from '../../support/start-app.ts'

const away = 20
const connections = 10
const each = 400
/** CONNACK and every PUBACK. */
const answerBytes = 4 + each * 4
const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const

test(`${connections * each} messages at one moment for ${away} sessions that are away are kept over many turns, all of them`, async () => {
  await using running = await startApp({
    limits: { connectionsPerSecond: 10_000, connectTimeoutMs: 60_000, queuedMessagesPerSession: 100_000 },
    env: { LATCHKEY_LOG_LEVEL: 'warn' },
  })
  const { token } = await running.admin.tokens.issueForService('fleet', acl, 3600)
  await using storing = await startAbuser()
  await storing.call('storeFleet', running.app.ports.mqtt, away, { tokens: token, filters: ['app/all'], qos: 1 })
  await using abuser = await startElsewhere<ReturnType<typeof createHttpAbuses>>(
    new URL('../../support/abuse/http-abuses.ts', import.meta.url),
    'createHttpAbuses',
  )
  const publishes = Array.from({ length: each }, (_, n) => publishPacket('app/all', 'x', n + 1))
  const request = Buffer.concat([connectPacket('', true, token), ...publishes]).toString('latin1')
  await using canary = await startCanary(running)
  let rounds = 0
  const gather = () => abuser.call('gather', running.app.ports.mqtt, `127.0.1.${++rounds}`, connections)
  await gather()
  let sent = 0
  await canary.stayHealthyWhile(async () => {
    await abuser.call('askAtOnce', request, answerBytes)
    sent += connections * each
    await gather()
  })
  await using back = await connectClient(running.mqttUrl, {
    clientId: 'fleet-0',
    username: 'jwt',
    password: token,
    clean: false,
  })
  await expect.poll(() => back.received.length, { timeout: 30_000 }).toBe(sent)
})
