import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { connectFleet } from '../../support/fleet.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

/** Long, for these machines are shared. */
const timeout = 240_000

test('a fleet in this process subscribes, leaves when told, and is gone when disposed of', async () => {
  await using running = await startApp()
  const tokens = [await serviceToken(running, 'one'), await serviceToken(running, 'two')]
  using fleet = await connectFleet(running.app.ports.mqtt, 100, { tokens, filters: ['app/{id}'] })
  expect([fleet.open(), running.app.connectedClients()]).toEqual([100, 100])
  await fleet.leave()
  expect(fleet.open()).toBe(0)
  await expect.poll(running.app.connectedClients).toBe(0)
})

test('a stored fleet of a thousand is away, and each has a session', { timeout }, async () => {
  await using running = await startApp()
  await using abuser = await startAbuser()
  const tokens = await serviceToken(running)
  await abuser.call('storeFleet', running.app.ports.mqtt, 1000, { tokens, filters: ['app/q'], qos: 1 })
  await expect.poll(running.app.connectedClients).toBe(0)
  await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: tokens })
  await writer.mqtt.publishAsync('app/q', 'x', { qos: 1 })
  await using last = await connectClient(running.mqttUrl, {
    clientId: 'fleet-999',
    clean: false,
    username: 'jwt',
    password: tokens,
  })
  await last.message('app/q')
})

test('a fleet of a thousand in another process is open until told to leave', { timeout }, async () => {
  await using running = await startApp()
  await using abuser = await startAbuser()
  const tokens = await serviceToken(running)
  await abuser.call('connectFleet', running.app.ports.mqtt, 1000, { tokens, prefix: 'many' })
  expect(running.app.connectedClients()).toBe(1000)
  expect(await abuser.call('open')).toBe(1000)
  await abuser.call('leave')
  await expect.poll(running.app.connectedClients).toBe(0)
})
