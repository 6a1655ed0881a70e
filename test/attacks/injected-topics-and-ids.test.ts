import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { connectClient } from '../support/mqtt-client.ts'
import { publishPacket } from '../support/packets.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startApp } from '../support/start-app.ts'
import { connectAsDevice, ownerOf, registerUser } from '../support/story.ts'

const injected = ['+', '#', 'lamp-1/set', '../lamp-1', '$SYS', 'lamp-1\0', 'lamp-1 ', '%2b', '', 'lamp-1\n']

test('what is no id names nobody: not as a client, not as a device, not in a request', async () => {
  await using running = await startApp()
  const { device, client: alice } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'), 1)
  const { client: mallory, token } = await registerUser(running, 'mallory')
  for (const id of injected) {
    const asUser = { clientId: id, username: 'jwt', password: token, clean: id !== '' }
    if (id !== '') await expect(connectClient(running.wsUrl, asUser), id).rejects.toThrow()
    expect(await running.admin.provisioning.addDevice({ type: 'lamp', id }), id).toBeTypeOf('string')
    for (const operation of ['device/claim', 'device/release', 'device/rename', 'device/members'] as const) {
      const { code } = await mallory.request(operation, { deviceId: id, code: 'AAAA-AAAA', name: 'x' })
      expect([4000, 2001, 2002, 4029], `${operation} ${id}`).toContain(code)
    }
  }
  expect((await alice.request('device/list')).data).toMatchObject([{ id: 'lamp-1' }])
  expect(lamp.received).toEqual([])
  for (const one of [alice, mallory]) await one[Symbol.asyncDispose]()
})

test.each([
  'devices/+/set',
  'devices/#',
  'devices/lamp-1/set/',
  'devices//set',
  'devices/lamp-1\0/set',
  ' devices/lamp-1/set',
])('a command on %j reaches nobody', async topic => {
  await using running = await startApp()
  const { device, client: alice, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'), 1)
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'raw', username: 'jwt', password: token })
  raw.send(publishPacket(topic, '{"on":true}', 1))
  await alice.mqtt.publishAsync(topics.set('lamp-1'), '{"on":false}', { qos: 1 })
  expect((await lamp.message(topics.set('lamp-1'))).payload).toContain('false')
  expect(lamp.received).toHaveLength(1)
  raw.close()
  await alice[Symbol.asyncDispose]()
})
