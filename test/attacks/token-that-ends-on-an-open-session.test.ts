import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, registerUser } from '../support/story.ts'

test('a refreshed token outlives the one it replaces on the same connection; an expired session is closed', async () => {
  let clockMs = Date.now()
  await using running = await startApp({
    now: () => clockMs,
    configure: c => ({ ...c, tokens: { ...c.tokens, lifetimeSeconds: 2 } }),
  })
  const { client } = await registerUser(running, 'alice')
  await client.message(topics.notify(client.id, 'token-expiring'))
  const refreshed = await client.request('auth/refresh')
  expect(refreshed.code).toBe(0)
  clockMs += 60 * 60_000
  await client.closed()
  await expect(connectWithToken(running.wsUrl, refreshed.data)).rejects.toMatchObject({ code: 5 })
})

test('logging out closes the other connection of that token, and only the asking one lives on, as a guest', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  await using other = await connectWithToken(running.wsUrl, token)
  await client.subscribe('devices/+/state')
  expect((await client.request('auth/logout')).code).toBe(0)
  await other.closed()
  expect((await client.request('account/me')).code).toBe(4003)
  expect(await client.subscribe('devices/+/state')).toBe(128)
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  await client[Symbol.asyncDispose]()
})

test('what the command line disables is closed in the running broker, and refused from then on', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using lamp = await connectAsDevice(running, device)
  const { client: alice, token } = await registerUser(running, 'alice')
  await running.admin.administration.setDisabled('alice', true)
  await running.admin.provisioning.setDisabled('lamp-1', true)
  await Promise.all([alice.closed(), lamp.closed()])
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  await expect(connectAsDevice(running, device)).rejects.toMatchObject({ code: 5 })
})
