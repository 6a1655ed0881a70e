import { expect, test } from 'vitest'
import type { AclEntry } from '../../../src/protocol/claims.ts'
import { connectGuest, connectWithToken } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, registerUser } from '../../support/story.ts'

const everySecond = {
  configure: (config: RunningApp['config']) => ({ ...config, mqtt: { ...config.mqtt, sysIntervalSeconds: 1 } }),
}

async function connectService(running: RunningApp, topic: string) {
  const acl: AclEntry[] = [{ permission: 'allow', action: 'all', topic }]
  const { token } = await running.admin.tokens.issueForService('dashboard', acl, 3600)
  return connectWithToken(running.mqttUrl, token)
}

test('operators, and services whose acl names them, hear the figures of the broker again and again', async () => {
  await using running = await startApp(everySecond)
  await using operator = await connectOperator(running)
  await using service = await connectService(running, '$SYS/broker/#')
  expect(await operator.subscribe('$SYS/#')).toBe(0)
  expect(await service.subscribe('$SYS/broker/clients/+')).toBe(0)

  expect((await service.message('$SYS/broker/clients/connected')).payload).toBe('2')
  expect((await operator.message('$SYS/broker/uptime')).payload).toMatch(/^\d+ seconds$/)
  expect((await operator.message('$SYS/broker/version')).payload).toMatch(/^latchkey \d+\.\d+\.\d+/)
  expect((await operator.message('$SYS/broker/subscriptions/count')).payload).toBe('6')
  expect(Number((await operator.message('$SYS/broker/bytes/received')).payload)).toBeGreaterThan(100)
  await operator.message('$SYS/broker/load/publish/received/1min', ({ payload }) => Number(payload) >= 0)
  await operator.message('$SYS/broker/publish/messages/sent', ({ payload }) => Number(payload) > 20)
  const others = service.received.filter(({ topic }) => !topic.startsWith('$SYS/broker/clients/'))
  expect(others.every(({ topic }) => topic.endsWith('/token-expiring'))).toBe(true) // it ends within an hour
})

test('nobody else may: not guests, users, devices, nor services whose acl says "#"', async () => {
  await using running = await startApp(everySecond)
  await using guest = await connectGuest(running.wsUrl)
  await using user = (await registerUser(running, 'ann')).client
  await using device = await connectAsDevice(running, await addDevice(running, 'lamp', 'lamp-1'))
  await using service = await connectService(running, '#')
  for (const client of [guest, user, device, service])
    for (const filter of ['$SYS/#', '$SYS/broker/#', '$SYS/broker/uptime', '$SYS/broker/+', '+/broker/uptime'])
      expect(await client.subscribe(filter), filter).toBe(128)
  await using wide = await connectService(running, '$SYS/#')
  expect(await wide.subscribe('$SYS/#')).toBe(128)
  expect(await wide.subscribe('$SYS/broker/#')).toBe(0)
})
