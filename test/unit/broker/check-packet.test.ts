import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { IncomingPackets } from '../../../src/broker/transport/packets/incoming-packets.ts'
import { PacketChecker } from '../../../src/broker/transport/packets/packet-checker.ts'
import { createPacketLimit } from '../../../src/broker/transport/packets/packet-limit.ts'
import { connectPacket, publishPacket } from '../../support/packets.ts'

const everything = { subscribe: Number.POSITIVE_INFINITY, unsubscribe: Number.POSITIVE_INFINITY }

/** What comes out of `chunks`, and why no more does. */
function read(chunks: readonly Buffer[]): { bytes: Buffer; reason: string | undefined } {
  const checker = new PacketChecker()
  const packets = new IncomingPackets(checker)
  const limit = createPacketLimit(16_384)
  const handedOver: Buffer[] = []
  for (const chunk of chunks) {
    const begun = checker.begin(chunk)
    const fault = Buffer.isBuffer(begun) ? packets.add(begun, limit, () => {}) : begun
    for (let next = packets.take(everything, () => {}); next; next = packets.take(everything, () => {}))
      if (typeof next === 'object') handedOver.push(next.bytes)
    if (typeof fault !== 'number') return { bytes: Buffer.concat(handedOver), reason: fault.reason }
  }
  return { bytes: Buffer.concat(handedOver), reason: undefined }
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

const connect = connectPacket('c', true)
/** A packet behind CONNECT: its first byte and its body. */
const behindConnect = (header: number, ...body: (number | string)[]) => {
  const bytes = Buffer.concat(body.map(part => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))))
  return Buffer.concat([connect, Buffer.of(header, bytes.length), bytes])
}
const first = (name: string, level: number, flags: number, ...fields: (string | Buffer)[]) => {
  const field = (value: string | Buffer) => Buffer.concat([Buffer.of(0, Buffer.byteLength(value)), Buffer.from(value)])
  const body = Buffer.concat([field(name), Buffer.of(level, flags, 0, 60), ...fields.map(field)])
  return Buffer.concat([Buffer.of(0x10, body.length), body])
}
const surrogate = Buffer.of(0xed, 0xa0, 0x80)

describe('what is not MQTT ends the connection, with a reason', () => {
  test.each([
    ['SUBSCRIBE packet id 0', behindConnect(0x82, 0, 0, 0, 1, 'a', 0)],
    ['UNSUBSCRIBE packet id 0', behindConnect(0xa2, 0, 0, 0, 1, 'a')],
    ['PUBLISH packet id 0', behindConnect(0x32, 0, 1, 'a', 0, 0)],
    ['PUBACK packet id 0', behindConnect(0x40, 0, 0)],
    ['PUBREC packet id 0', behindConnect(0x50, 0, 0)],
    ['PUBREL packet id 0', behindConnect(0x62, 0, 0)],
    ['PUBCOMP packet id 0', behindConnect(0x70, 0, 0)],
    ['PUBREL cut short', behindConnect(0x62, 0)],
    ['PUBACK bytes left over', behindConnect(0x40, 0, 1, 0)],
    ['SUBSCRIBE no filters', behindConnect(0x82, 0, 1)],
    ['UNSUBSCRIBE no filters', behindConnect(0xa2, 0, 1)],
    ['SUBSCRIBE reserved bits of a filter', behindConnect(0x82, 0, 1, 0, 1, 'a', 3)],
    ['SUBSCRIBE reserved bits of a filter', behindConnect(0x82, 0, 1, 0, 1, 'a', 0x80)],
    ['SUBSCRIBE cut short', behindConnect(0x82, 0, 1, 0, 1, 'a')],
    ['SUBSCRIBE cut short', behindConnect(0x82, 0, 1, 0, 9, 'a', 0)],
    ['SUBSCRIBE empty topic', behindConnect(0x82, 0, 1, 0, 0, 0)],
    ['UNSUBSCRIBE empty topic', behindConnect(0xa2, 0, 1, 0, 0)],
    ['PUBLISH empty topic', behindConnect(0x30, 0, 0, 'payload')],
    ['PUBLISH cut short', behindConnect(0x30, 0, 9, 'a')],
    ['PUBLISH cut short', behindConnect(0x32, 0, 1, 'a', 0)],
    ['PUBLISH wildcard in a topic name', behindConnect(0x30, 0, 3, 'a/#')],
    ['PUBLISH wildcard in a topic name', behindConnect(0x30, 0, 3, '+/a')],
    ['PUBLISH text with NUL', behindConnect(0x30, 0, 3, 'a\0b')],
    ['PUBLISH text with NUL', behindConnect(0x30, 0, 4, 'ä\0b')],
    ['PUBLISH text that is not UTF-8', behindConnect(0x30, 0, 2, 'a', 0xff)],
    ['PUBLISH text that is not UTF-8', behindConnect(0x30, 0, 3, ...surrogate)],
    ['PUBLISH text that is not UTF-8', behindConnect(0x30, 0, 2, 0xc0, 0x80)],
    ['SUBSCRIBE text that is not UTF-8', behindConnect(0x82, 0, 1, 0, 3, ...surrogate, 0)],
    ['SUBSCRIBE text with NUL', behindConnect(0x82, 0, 1, 0, 1, 0, 0)],
    ['UNSUBSCRIBE text that is not UTF-8', behindConnect(0xa2, 0, 1, 0, 1, 0x80)],
    ['PUBLISH QoS 3', behindConnect(0x36, 0, 1, 'a', 0, 1)],
    ['PUBLISH DUP at QoS 0', behindConnect(0x38, 0, 1, 'a')],
    ['PUBREL reserved flags', behindConnect(0x60, 0, 1)],
    ['SUBSCRIBE reserved flags', behindConnect(0x80, 0, 1, 0, 1, 'a', 0)],
    ['UNSUBSCRIBE reserved flags', behindConnect(0xa0, 0, 1, 0, 1, 'a')],
    ['PINGREQ reserved flags', behindConnect(0xc1)],
    ['PINGREQ with a body', behindConnect(0xc0, 0)],
    ['DISCONNECT with a body', behindConnect(0xe0, 0)],
    ['CONNACK not from a client', behindConnect(0x20, 0, 0)],
    ['SUBACK not from a client', behindConnect(0x90, 0, 1, 0)],
    ['UNSUBACK not from a client', behindConnect(0xb0, 0, 1)],
    ['PINGRESP not from a client', behindConnect(0xd0)],
    ['packet type 0 not from a client', behindConnect(0x00)],
    ['AUTH not from a client', behindConnect(0xf0)],
    ['CONNECT a second time', Buffer.concat([connect, connect])],
    ['PUBLISH before CONNECT', publishPacket('a', 'b')],
    ['PINGREQ before CONNECT', Buffer.of(0xc0, 0)],
    ['CONNECT reserved flags', Buffer.of(0x11, 0, 0)],
    ['CONNECT unknown protocol name', first('mqtt', 4, 2, 'c')],
    ['CONNECT unknown protocol name', first('', 4, 2, 'c')],
    ['CONNECT unknown protocol name', first('MQTT-and-more', 4, 2, 'c')],
    ['CONNECT reserved connect flag', first('MQTT', 4, 3, 'c')],
    ['CONNECT will flags without a will', first('MQTT', 4, 0x22, 'c')],
    ['CONNECT will flags without a will', first('MQTT', 4, 0x0a, 'c')],
    ['CONNECT will QoS 3', first('MQTT', 4, 0x1e, 'c', 'w', '')],
    ['CONNECT password without a user name', first('MQTT', 4, 0x42, 'c', 'p')],
    ['CONNECT cut short', first('MQTT', 4, 0x82, 'c')],
    ['CONNECT cut short', first('MQTT', 4, 0xc2, 'c', 'u')],
    ['CONNECT cut short', first('MQTT', 4, 0x06, 'c', 'w')],
    ['CONNECT cut short', Buffer.of(0x10, 0)],
    ['CONNECT bytes left over', first('MQTT', 4, 2, 'c', 'd')],
    ['CONNECT text with NUL', first('MQTT', 4, 2, 'c\0')],
    ['CONNECT text that is not UTF-8', first('MQTT', 4, 2, surrogate)],
    ['CONNECT text that is not UTF-8', first('MQTT', 4, 0x06, 'c', surrogate, 'gone')],
    ['CONNECT text that is not UTF-8', first('MQTT', 4, 0x82, 'c', surrogate)],
    ['CONNECT text with NUL', first('MQIsdp', 3, 0x82, 'c', 'u\0')],
    ['PUBLISH malformed length', Buffer.concat([connect, Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff)])],
  ])('%s', (reason, bytes) => {
    expect(read([bytes]).reason).toBe(`protocol-violation: ${reason}`)
    expect(read(cut(bytes, [1])).reason).toBe(`protocol-violation: ${reason}`)
  })

  test.each([
    [first('MQTT', 3, 2, 'c')],
    [first('MQIsdp', 4, 2, 'c')],
    [first('MQTT', 6, 2, 'c')],
    [first('MQTT', 0, 2, 'c')],
    [first('MQTT', 0x85, 2, 'c')],
    [Buffer.of(0x10, 7, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9)],
  ])('another version is a refusal of its own, whatever follows its level: %j', bytes => {
    expect(read([bytes]).reason).toBe('unsupported-protocol')
  })
})

test.each([
  ['any payload', publishPacket('a', Buffer.of(0, 0xff, 0xed, 0xa0))],
  ['any password and any will', first('MQTT', 4, 0xc6, 'c', 'w', Buffer.of(0xff, 0), 'u', Buffer.of(0, 0xff))],
  ['text beyond ASCII', publishPacket('app/温度/💡/\ufffd', 'x')],
  ['a bridge', first('MQTT', 0x84, 2, 'c')],
  ['a bridge of MQTT 3.1', first('MQIsdp', 0x83, 2, 'c')],
])('%s is MQTT', (_what, bytes) => {
  const packets = bytes[0] === 0x10 ? bytes : Buffer.concat([connect, bytes])
  expect(read([packets])).toEqual({ bytes: packets, reason: undefined })
})

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(one => !/[\0+#]/.test(one))
const id = fc.integer({ min: 1, max: 65_535 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
/** Each of them once: one that comes again is another portion. */
const filters = fc.uniqueArray(fc.record({ topic: text, qos }), {
  minLength: 1,
  maxLength: 4,
  selector: one => one.topic,
})
const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ topic: text, payload: text, qos, messageId: id }).map(one => ({
    ...one,
    cmd: 'publish' as const,
    dup: false,
    retain: false,
  })),
  fc.record({ messageId: id, subscriptions: filters }).map(one => ({ ...one, cmd: 'subscribe' as const })),
  fc
    .record({ messageId: id, unsubscriptions: fc.uniqueArray(text, { minLength: 1, maxLength: 4 }) })
    .map(one => ({ ...one, cmd: 'unsubscribe' as const })),
  fc.record({ messageId: id, cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const) }),
  fc.constant({ cmd: 'pingreq' as const }),
)
const anyStream = fc
  .array(anyPacket, { maxLength: 8 })
  .map(packets => Buffer.concat([connect, ...packets.map(packet => generate(packet))]))
/** Right up to some wrong bytes. */
const mutated = fc
  .tuple(anyStream, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }))
  .map(([bytes, changes]) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of changes) changed[at % changed.length] = value
    return changed
  })
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 })

test('whatever a library writes passes, byte by byte as it was', () => {
  fc.assert(
    fc.property(anyStream, sizes, (bytes, chunks) => {
      expect(read(cut(bytes, chunks))).toEqual({ bytes, reason: undefined })
    }),
  )
})

test('right or wrong, what is handed over and the reason are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(mutated, sizes, (bytes, chunks) => {
      expect(read(cut(bytes, chunks))).toEqual(read([bytes]))
    }),
    { numRuns: 500 },
  )
})

test('what passes is understood by the parser behind it', () => {
  fc.assert(
    fc.property(mutated, bytes => {
      const { bytes: passed } = read([bytes])
      const errors: unknown[] = []
      const packets = parser().on('error', error => errors.push(error))
      packets.parse(passed)
      expect(errors).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('nothing follows a DISCONNECT', () => {
  const goodbye = Buffer.concat([connect, Buffer.of(0xe0, 0)])
  expect(read([Buffer.concat([goodbye, Buffer.of(0xff, 0xff)])])).toEqual({ bytes: goodbye, reason: undefined })
  expect(read([goodbye, Buffer.of(0xff)])).toEqual({ bytes: goodbye, reason: undefined })
})
