import { generate, type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { variable } from '../../../../src/broker/edge5/write-packet.ts'
import { type PacketFault, packetFaults } from '../../../../src/protocol/packet-faults.ts'
import { openTcp } from '../../../support/raw-client.ts'
import { startBroker } from '../../../support/start-broker.ts'

const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value)
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes]
}
const packet = (header: number, ...body: number[]) => Buffer.of(header, ...variable(body.length), ...body)
const topic = text('devices/d1/event/x')
const userProperty = [0x26, ...text('a'), ...text('b')]
const users = Array.from({ length: 65 }, () => userProperty).flat()
/** At QoS 2, whose messages are none of them released. */
const publishes = Array.from({ length: 21 }, (_, index) => packet(0x34, ...topic, 0, index + 1, 0))

/** A CONNECT of 5 with these flags, properties and fields. */
const connect = (flags: number, properties: number[] = [], fields: number[] = text('one'), name = 'MQTT') =>
  packet(0x10, ...text(name), 5, flags, 0, 0, properties.length, ...properties, ...fields)

/** What begins a connection, and for which there is no CONNACK. */
const first: Partial<Record<PacketFault, Buffer[]>> = {
  'before CONNECT': [packet(0x30, ...topic, 0)],
  'unknown protocol name': [connect(2, [], text('one'), 'MQTX')],
  'reserved connect flag': [connect(3)],
  'will flags without a will': [connect(2 | 8), connect(2 | 0x20)],
  'will QoS 3': [connect(2 | 4 | 0x18)],
  'authentication data without a method': [connect(2, [0x16, 0, 1, 7])],
  'malformed length': [
    packet(0x10, ...text('MQTT'), 5, 2, 0, 0, 0xff, 0xff, 0xff, 0xff),
    packet(0x10, ...text('MQTT'), 5, 2, 0, 0),
    connect(2 | 4), // a will that is not there
  ],
  'cut short': [
    packet(0x10, ...text('MQTT'), 5, 2, 0, 0, 127, 0x11, 0, 0, 0, 1), // more properties than there are bytes
    packet(0x10, ...text('MQTT'), 5, 2, 0, 0, 3, 0x11, 0, 0, 0, 1, ...text('one')), // fewer than the property has
    connect(2 | 4, [], [...text('one'), 0, 0, 9]),
  ],
  'bytes left over': [connect(2, [], [...text('one'), 0])],
  'property not allowed': [connect(2, [0x23, 0, 1]), connect(2, [0x7f, 0]), connect(2, [0x12, ...text('x')])],
  'property twice': [connect(2, [0x21, 0, 1, 0x21, 0, 1])],
  'property out of range': [
    connect(2, [0x21, 0, 0]),
    connect(2, [0x27, 0, 0, 0, 0]),
    connect(2, [0x17, 2]),
    connect(2, [0x19, 2]),
    connect(2 | 4, [], [...text('one'), 2, 0x01, 2, ...topic, 0, 0]), // of the will
  ],
  'text with NUL': [connect(2, [0x15, ...text('a\0')])],
  'text that is not UTF-8': [connect(2, [0x15, ...text(Buffer.of(0xff))])],
  'wildcard in a topic name': [connect(2 | 4, [], [...text('one'), 0, ...text('a/+'), 0, 0])],
  'empty topic': [connect(2 | 4, [], [...text('one'), 0, 0, 0, 0, 0])],
  'wildcard in a response topic': [connect(2 | 4, [], [...text('one'), 6, 0x08, ...text('a/#'), ...topic, 0, 0])],
}

/** What ends a session with DISCONNECT. */
const later: Partial<Record<PacketFault, Buffer[]>> = {
  'not from a client': [packet(0x20, 0, 0, 0), packet(0xd0), packet(0x00)],
  'a second time': [connect(2)],
  'reserved flags': [packet(0x80, 0, 1, 0, ...text('a'), 0), packet(0xe1), packet(0xf1, 0x18, 0), packet(0x60, 0, 1)],
  'malformed length': [packet(0x30, ...topic, 0x80), packet(0x30, ...topic), packet(0x30, ...topic, 0x80, 0)],
  'cut short': [
    packet(0x30, 0),
    packet(0x30, ...topic, 5, 1, 1),
    packet(0x32, ...topic, 0),
    packet(0x82, 0),
    packet(0x40, 0),
    packet(0xf0),
    packet(0x82, 0, 1, 0, ...text('devices/d1/state')), // no options
  ],
  'bytes left over': [packet(0x40, 0, 1, 0, 0, 1), packet(0xe0, 0, 0, 9)],
  'with a body': [packet(0xc0, 0)],
  'packet id 0': [packet(0x32, ...topic, 0, 0, 0), packet(0x82, 0, 0, 0, ...text('a'), 0), packet(0x40, 0, 0)],
  'no filters': [packet(0x82, 0, 1, 0), packet(0xa2, 0, 1, 0)],
  'reserved bits of a filter': [
    packet(0x82, 0, 1, 0, ...text('a'), 3),
    packet(0x82, 0, 1, 0, ...text('a'), 0x30),
    packet(0x82, 0, 1, 0, ...text('a'), 0x40),
  ],
  'malformed filter': [packet(0x82, 0, 1, 0, ...text('a#'), 0), packet(0xa2, 0, 1, 0, ...text('#/a'))],
  'no local on a shared subscription': [packet(0x82, 0, 1, 0, ...text('$share/g/a'), 4)],
  'empty topic': [packet(0x30, 0, 0, 0), packet(0x82, 0, 1, 0, 0, 0, 0)],
  'wildcard in a topic name': [packet(0x30, ...text('devices/+/state'), 0)],
  'wildcard in a response topic': [packet(0x30, ...topic, 6, 0x08, ...text('a/+'))],
  'topic alias out of range': [packet(0x30, ...topic, 3, 0x23, 0, 17)],
  'unknown topic alias': [packet(0x30, 0, 0, 3, 0x23, 0, 16)],
  'more than the receive maximum': [Buffer.concat(publishes)],
  'text that is not UTF-8': [packet(0x30, ...text(Buffer.of(0xff)), 0), packet(0x30, ...topic, 4, 0x03, 0, 1, 0xff)],
  'text with NUL': [packet(0x30, ...text('a\0'), 0), packet(0x82, 0, 1, 0, ...text('\0'), 0)],
  'QoS 3': [packet(0x36, ...topic, 0, 1, 0)],
  'DUP at QoS 0': [packet(0x38, ...topic, 0)],
  'property not allowed': [
    packet(0x30, ...topic, 2, 0x0b, 1),
    packet(0x30, ...topic, 1, 0x7f),
    packet(0x40, 0, 1, 0, 3, 0x21, 0, 1),
    packet(0xe0, 0, 3, 0x1c, 0, 0), // a server alone refers to another one
  ],
  'property twice': [
    packet(0x30, ...topic, 4, 0x01, 0, 0x01, 0),
    packet(0x82, 0, 1, 4, 0x0b, 1, 0x0b, 2, ...text('a'), 0),
  ],
  'property out of range': [
    packet(0x30, ...topic, 2, 0x01, 2),
    packet(0x30, ...topic, 3, 0x23, 0, 0),
    packet(0x82, 0, 1, 2, 0x0b, 0, ...text('a'), 0),
  ],
  'too many user properties': [packet(0x30, ...topic, ...variable(users.length), ...users)],
  'unknown reason code': [packet(0x40, 0, 1, 1), packet(0x62, 0, 1, 0x10), packet(0xe0, 0x87), packet(0xf0, 0, 0)],
  'session expiry where CONNECT had none': [packet(0xe0, 0, 5, 0x11, 0, 0, 0, 1)],
  'another authentication method': [packet(0xf0, 0x18, 0)],
}

/** Tried by the tests of AUTH, for it takes a sign-in that is still under way. */
const ofAuth: readonly PacketFault[] = ['before the last was answered']

const rows = (table: Partial<Record<PacketFault, Buffer[]>>) =>
  Object.entries(table).flatMap(([fault, all]) => all.map((bytes, at) => [fault as PacketFault, at, bytes] as const))

test('each fault that MQTT 5 knows is among those that are tried', () => {
  const known = Object.entries(packetFaults).filter(([, { in5 }]) => in5 !== '')
  expect([...new Set([...Object.keys(first), ...Object.keys(later), ...ofAuth])].sort()).toEqual(
    known.map(([name]) => name).sort(),
  )
})

/** A connection, all that it is sent, and its end. */
async function open(port: number) {
  const raw = await openTcp(port)
  const packets: Packet[] = []
  const reading = parser({ protocolVersion: 5 })
  reading.on('packet', received => void packets.push(received))
  raw.onBytes(bytes => void reading.parse(bytes))
  return { ...raw, packets }
}

test.each(rows(first))('%s (%i) is the end before CONNACK, with a line that says so', async (fault, _at, bytes) => {
  await using running = await startBroker()
  const reasons: string[] = []
  running.events.on('connection-refused', ({ reason }) => void reasons.push(reason))
  const { send, closed, packets } = await open(running.port)
  send(bytes)
  await closed
  await expect.poll(() => reasons).toEqual([expect.stringMatching(new RegExp(`^protocol-violation: [A-Z]+ ${fault}$`))])
  expect(packets).toEqual([])
  expect(running.faults).toEqual([])
})

test.each(rows(later))('%s (%i) is told in DISCONNECT and in the log', async (fault, _at, bytes) => {
  await using running = await startBroker({ limits: { qos2Window: 20 } })
  const reasons: string[] = []
  running.events.on('session-closed', ({ reason }) => void reasons.push(reason))
  const { send, closed, packets } = await open(running.port)
  send(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clean: true,
      keepalive: 0,
      clientId: 'd1',
      username: 'd1',
      password: Buffer.from('x'),
    }),
  )
  await expect.poll(() => packets.length).toBe(1)
  send(bytes)
  await closed
  await expect.poll(() => reasons.length).toBe(1)
  expect(reasons[0]).toMatch(new RegExp(`^protocol-violation: [A-Za-z0-9 ]+ ${fault}$`))
  expect(packets.at(-1)).toMatchObject({
    cmd: 'disconnect',
    reasonCode: packetFaults[fault].reasonCode,
    properties: { reasonString: reasons[0] },
  })
  expect(running.faults).toEqual([])
})
