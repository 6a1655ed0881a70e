import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { DatabaseBusy } from '../../../src/domain/database-busy.ts'
import { createGate } from '../../support/gate.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket, publishPacket } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { ownerOf } from '../../support/story.ts'

/** A CONNECT as no library would write it: flags, then each field behind its length. */
function connectBytes(flags: number, ...fields: string[]): Buffer {
  const payload = fields.map(field => Buffer.concat([Buffer.from([0, field.length]), Buffer.from(field)]))
  const body = Buffer.concat([Buffer.from([0, 4]), Buffer.from('MQTT'), Buffer.from([4, flags, 0, 0]), ...payload])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

test.each(['+', '#', 'a/b', '$SYS', 'with space', 'ümlaut', 'x'.repeat(65)])(
  'a client id of %j is CONNACK 2, with a user name or without',
  async clientId => {
    await using running = await startBroker()
    await expect(connectClient(running.url, { clientId })).rejects.toMatchObject({ code: 2 })
    await expect(connectClient(running.url, { clientId, username: 'jwt', password: 'x' })).rejects.toMatchObject({
      code: 2,
    })
  },
)

test('a guest has no stored session', async () => {
  await using running = await startApp()
  await expect(connectClient(running.wsUrl, { clientId: 'g', clean: false })).rejects.toMatchObject({ code: 5 })
})

test.each([
  ['a password without a user name', connectBytes(0b0100_0010, 'c', 'x')],
  ['no client id and a session to be kept', connectBytes(0b1100_0000, '', 'jwt', 'x')],
])('a CONNECT with %s is not let in', async (_what, bytes) => {
  await using running = await startBroker()
  const raw = await openTcp(running.port)
  const packets = packetsOf(raw)
  raw.send(bytes)
  await raw.closed
  expect(packets.filter(packet => packet.cmd === 'connack' && packet.returnCode === 0)).toEqual([])
})

test('a text frame closes the WebSocket with 1003', async () => {
  await using running = await startApp()
  const ws = new WebSocket(`ws://127.0.0.1:${running.app.ports.http}/mqtt`, 'mqtt')
  await once(ws, 'open')
  ws.send(connectBytes(0b0000_0010, 'c').toString('latin1'))
  const [code] = await once(ws, 'close')
  expect(code).toBe(1003)
})

test('a text frame ends a session at once: its will is sent though the peer closes nothing, and no frame after it counts', async () => {
  await using running = await startApp()
  const { client, device } = await ownerOf(running, 's1')
  await client.subscribe('devices/s1/#', 0)
  const ws = new WebSocket(`ws://127.0.0.1:${running.app.ports.http}/mqtt`, 'mqtt')
  await once(ws, 'open')
  const will = { topic: 'devices/s1/ack', payload: Buffer.from('"gone"'), qos: 0, retain: false } as const
  const names = { clientId: device.id, username: device.id, password: Buffer.from(device.secret) }
  ws.send(
    generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, ...names, will }),
  )
  await once(ws, 'message')
  ws.pause() // the broker's close frame is not answered
  ws.send('text')
  ws.send(publishPacket('devices/s1/event/x', 'after'))
  expect((await client.message('devices/s1/ack')).payload).toBe('"gone"')
  expect(client.received.map(({ topic }) => topic)).not.toContain('devices/s1/event/x')
  ws.terminate()
  await client[Symbol.asyncDispose]()
})

test('a connection that died while it was looked up holds its client id no longer', async () => {
  const lookedUp = createGate()
  const asked = createGate()
  await using running = await startBroker({
    authenticator: {
      authenticate: async ({ password: userId }) => ({ ...ownerOfD1(), userId }),
      isReserved: async () => {
        asked.open()
        await lookedUp.opened
        return false
      },
    },
  })
  const as = (clientId: string, password: string) => ({ clientId, username: 'jwt', password })
  const dying = await openTcp(running.port)
  dying.send(connectPacket('same', true, 'alice'))
  await asked.opened
  const closed = Promise.all(running.sockets.map(socket => once(socket, 'close')))
  dying.close()
  await closed
  lookedUp.open()
  await using other = await connectClient(running.url, as('another', 'bob')) // behind the look-up that was open
  await using next = await connectClient(running.url, as('same', 'bob'))
  expect([other.mqtt.connected, next.mqtt.connected]).toEqual([true, true])
})

test('a CONNECT that cannot be decided because the database is locked is CONNACK 3, with that reason', async () => {
  await using running = await startBroker({
    authenticator: { authenticate: () => Promise.reject(new DatabaseBusy('latchkey.db', 3000)) },
  })
  const refused = once(running.events, 'connection-refused')
  await expect(connectClient(running.url, { clientId: 'c', username: 'jwt', password: 'x' })).rejects.toMatchObject({
    code: 3,
  })
  expect(await refused).toMatchObject([{ clientId: 'c', reason: 'database-busy', returnCode: 3 }])
  expect(running.faults).toEqual([])
})

test("a stored session is its owner's from CONNACK on, though its rights are still being looked up again", async () => {
  await using running = await startBroker({
    authenticator: {
      authenticate: async ({ password }) => ({ ...ownerOfD1(), userId: password, username: password }),
      recheck: () => new Promise(() => {}),
    },
  })
  const stored = { clientId: 'phone', clean: false, username: 'jwt' }
  const first = await connectClient(running.url, { ...stored, password: 'alice' })
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  await expect(connectClient(running.url, { ...stored, password: 'mallory' })).rejects.toMatchObject({ code: 2 })
  await using back = await connectClient(running.url, { ...stored, password: 'alice' })
  expect(back.mqtt.connected).toBe(true)
})
