import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { asDevice, connectPacket, publishPacket } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp, openWebSocket } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { logged, serviceToken } from '../../support/story.ts'

/** What a device at QoS 0 may send goes a lane of its own. */
const report = (topic: Buffer) =>
  Buffer.concat([Buffer.of(0x30, topic.length + 4, 0, topic.length), topic, Buffer.from('{}')])

test.each([
  ['UNSUBSCRIBE no filters', Buffer.of(0xa2, 2, 0, 1)],
  ['SUBSCRIBE packet id 0', Buffer.of(0x82, 6, 0, 0, 0, 1, 0x61, 0)],
  ['PINGREQ with a body', Buffer.of(0xc0, 1, 0)],
  ['PUBLISH text that is not UTF-8', report(Buffer.from('devices/d1/event/\xff', 'latin1'))],
  ['PUBLISH text with NUL', report(Buffer.from('devices/d1/event/\0'))],
  ['PUBLISH wildcard in a topic name', report(Buffer.from('devices/+/state'))],
  ['CONNECT a second time', connectPacket('d1', true)],
])('%s ends a session, which says so in its last line', async (reason, bytes) => {
  await using running = await startBroker()
  const reasons: string[] = []
  running.events.on('session-closed', closed => reasons.push(closed.reason))
  const raw = await connectRaw('tcp', running.port, asDevice)
  raw.send(Buffer.concat([report(Buffer.from('devices/d1/state')), bytes]))
  await raw.closed
  await expect.poll(() => reasons).toEqual([`protocol-violation: ${reason}`])
  expect(running.faults).toEqual([])
})

test('a packet that is larger than it may be is told by its name and size', async () => {
  await using running = await startBroker({ limits: { maxPacketBytes: 2000 } })
  const reasons: string[] = []
  running.events.on('session-closed', closed => reasons.push(closed.reason))
  const raw = await connectRaw('tcp', running.port, asDevice)
  raw.send(publishPacket('devices/d1/state', 'x'.repeat(3000)))
  await raw.closed
  await expect.poll(() => reasons).toEqual(['packet-too-large: PUBLISH of 3018 bytes'])
})

test.each([['tcp'], ['ws']] as const)(
  'over %s a CONNECT of another version is CONNACK 1 and a line in the log',
  async transport => {
    await using running = await startApp()
    const open = () => (transport === 'tcp' ? openTcp(running.app.ports.mqtt) : openWebSocket(running.app.ports.http))
    const connect = (protocolId: 'MQTT' | 'MQIsdp', protocolVersion: 3 | 4 | 5, clientId: string) =>
      generate({ cmd: 'connect', protocolId, protocolVersion, clean: true, keepalive: 0, clientId })
    const unknown = connect('MQTT', 4, 'from-the-future')
    unknown[8] = 9
    for (const bytes of [
      connect('MQTT', 3, 'three'),
      connect('MQIsdp', 4, 'four'),
      connect('MQIsdp', 5, 'five'),
      unknown,
    ]) {
      running.lines.length = 0
      const raw = await open()
      const received: Buffer[] = []
      raw.onBytes(chunk => received.push(chunk))
      for (const byte of bytes) raw.send(Buffer.of(byte))
      await raw.closed
      expect(Buffer.concat(received)).toEqual(Buffer.of(0x20, 2, 0, 1))
      const line = `"clientId":"","address":"127.0.0.1","returnCode":1,"reason":"unsupported-protocol"`
      await expect.poll(() => logged(running, '"connection-refused"', line)).toBe(true)
    }
  },
)

test.each([
  ['MQIsdp', 3, [0, 0]],
  ['MQTT', 4, [0, 1]],
] as const)(
  'a stored session of %s that comes back is told so in CONNACK by 3.1.1 alone',
  async (protocolId, protocolVersion, bytes) => {
    await using running = await startBroker()
    const present: number[] = []
    for (let connection = 0; connection < 2; connection++) {
      const raw = await openTcp(running.port)
      const received: Buffer[] = []
      raw.onBytes(chunk => received.push(chunk))
      const connect = { cmd: 'connect', protocolId, protocolVersion, clean: false, keepalive: 0 } as const
      raw.send(generate({ ...connect, clientId: 'd1', username: 'device', password: Buffer.from('x') }))
      await expect.poll(() => Buffer.concat(received).length).toBe(4)
      const connack = Buffer.concat(received)
      expect([connack[0], connack[1], connack[3]]).toEqual([0x20, 2, 0])
      present.push(connack[2] ?? -1)
      await exchange(raw, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/set', qos: 1 }] })
      raw.send(generate({ cmd: 'disconnect' }))
      await raw.closed
    }
    expect(present).toEqual(bytes)
  },
)

test('a client that sends DISCONNECT has left on purpose, whatever garbage follows', async () => {
  await using running = await startBroker()
  const reasons: string[] = []
  running.events.on('session-closed', closed => reasons.push(closed.reason))
  const raw = await connectRaw('tcp', running.port, asDevice)
  raw.send(Buffer.concat([generate({ cmd: 'disconnect' }), Buffer.alloc(1000, 0xff)]))
  await raw.closed
  await expect.poll(() => reasons).toEqual(['disconnected'])
})

test('a topic below app/ that is no text ends a session too, though its service may publish there', async () => {
  await using running = await startApp()
  const as = { clientId: 'pipeline', username: 'jwt', password: await serviceToken(running) }
  const raw = await connectRaw('tcp', running.app.ports.mqtt, as)
  raw.send(report(Buffer.from('app/\xff', 'latin1')))
  await raw.closed
  await expect.poll(() => logged(running, 'protocol-violation: PUBLISH text that is not UTF-8')).toBe(true)
})
