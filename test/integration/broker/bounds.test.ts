import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectGuest } from '../../support/mqtt-client.ts'
import { publishPacket, user } from '../../support/packets.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { password, registerUser } from '../../support/story.ts'

test('refused publishes before signing in are forgotten after a minute like any', async () => {
  let ms = Date.now()
  await using running = await startApp({ now: () => ms })
  await registerUser(running, 'alice').then(({ client }) => client[Symbol.asyncDispose]())
  await using guest = await connectGuest(running.wsUrl)
  for (let i = 0; i < 19; i++) await guest.mqtt.publishAsync('devices/x/state', '{}', { qos: 1 })
  expect((await guest.request('auth/signin', { username: 'alice', password })).code).toBe(0)
  ms += 61_000
  await guest.mqtt.publishAsync('devices/x/state', '{}', { qos: 1 })
  expect((await guest.request('account/me')).code).toBe(0)
})

test('a guest that asks for operations with endless names makes the broker remember next to nothing', async () => {
  await using running = await startApp()
  setFlagsFromString('--expose_gc')
  const collect: () => void = runInNewContext('gc')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'g' })
  let answered = 0
  running.app.events.on('request-answered', () => answered++)
  collect()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 200; i++) {
    const name = `${i}-${'x'.repeat(60_000)}`
    raw.send(generate({ cmd: 'publish', topic: `request/g/${name}`, payload: '{}', qos: 0, dup: false, retain: false }))
    await expect.poll(() => answered, { interval: 1 }).toBe(i + 1)
  }
  running.lines.length = 0
  collect()
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(10)
  raw.close()
})

test('replies to one that does not read are bounded', async () => {
  await using running = await startBroker()
  const raw = await connectRaw('tcp', running.port, { clientId: 'c', ...user })
  const peer = running.sockets[0]
  raw.stopReading()
  let answered = 0
  running.events.on('request-answered', () => answered++)
  const request = publishPacket(`request/c/${'x'.repeat(60_000)}`, '{}')
  let highest = 0
  for (let i = 0; i < 300 && peer && !peer.destroyed; i++) {
    raw.send(request)
    await expect.poll(() => answered > i || peer.destroyed, { interval: 1 }).toBe(true)
    highest = Math.max(highest, peer.writableLength)
  }
  raw.close()
  expect(highest).toBeLessThan(2 * 1_048_576)
})
