import { expect, test } from 'vitest'
import { connectClient, connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { connectAsDevice, logged, operatorToken, ownerOf, registerUser } from '../support/story.ts'

test('a will is allowed what a publish is, at CONNECT and again when it is sent', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'dev')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const will = (topic: string) => ({ will: { topic, payload: Buffer.from('will'), qos: 1 as const, retain: false } })
  await expect(connectClient(running.wsUrl, will('devices/dev/set'))).rejects.toMatchObject({ code: 5 })
  await expect(connectWithToken(running.wsUrl, malloryToken, will('devices/dev/set'))).rejects.toMatchObject({
    code: 5,
  })
  await expect(
    connectWithToken(running.wsUrl, malloryToken, { clientId: 'm', ...will('request/m/auth/logout') }),
  ).rejects.toMatchObject({ code: 5 })

  await client.subscribe('devices/dev/event/+', 1)
  const dying = await connectAsDevice(running, device, will('devices/dev/event/died'))
  dying.mqtt.stream.destroy()
  expect((await client.message('devices/dev/event/died')).payload).toBe('will')

  const before = client.received.length
  const disabled = await connectAsDevice(running, device, will('devices/dev/event/late'))
  await running.admin.provisioning.setDisabled('dev', true)
  await disabled.closed()
  await expect.poll(() => logged(running, 'device-offline', 'device-disabled')).toBe(true)
  expect((await client.request('account/me')).code).toBe(0)
  expect(client.received.slice(before).filter(({ topic }) => topic.endsWith('/late'))).toEqual([])
  await Promise.all([client[Symbol.asyncDispose](), mallory[Symbol.asyncDispose]()])
})

test('a guest leaves no will, not even on its own requests; nobody a larger one than an event may be', async () => {
  await using running = await startApp({ configure: c => ({ ...c, limits: { ...c.limits, maxEventBytes: 100 } }) })
  const { client, device } = await ownerOf(running, 'dev')
  const will = (topic: string, size: number) => ({
    will: { topic, payload: Buffer.alloc(size, 'x'), qos: 1 as const, retain: false },
  })
  await expect(connectClient(running.wsUrl, { clientId: 'g', ...will('request/g/anything', 1) })).rejects.toMatchObject(
    { code: 5 },
  )
  await expect(connectAsDevice(running, device, will('devices/dev/event/died', 101))).rejects.toMatchObject({ code: 5 })
  await using allowed = await connectAsDevice(running, device, will('devices/dev/event/died', 100))
  expect(allowed.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('an operator leaves no request behind as a will, at two levels or at three', async () => {
  await using running = await startApp()
  const token = await operatorToken(running)
  for (const operation of ['ops/kick', 'ops/user/disable', 'ops/a/b/c']) {
    const will = { topic: `request/op-1/${operation}`, payload: Buffer.from('{}'), qos: 0, retain: false } as const
    const connecting = connectClient(running.wsUrl, { clientId: 'op-1', username: 'jwt', password: token, will })
    await expect(connecting, operation).rejects.toMatchObject({ code: 5 })
  }
})
