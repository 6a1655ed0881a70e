import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createPacketLimit } from '../../../src/broker/transport/packets/packet-limit.ts'

const packet = fc
  .integer({ min: 0, max: 400 })
  .map(size => generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(size), qos: 0, dup: false, retain: false }))

test('packets within the limit pass, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(packet, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (packets, cuts) => {
        const limit = createPacketLimit(500)
        let rest = Buffer.concat(packets)
        for (let i = 0; rest.length > 0; i++) {
          const size = cuts[i % cuts.length] ?? 1
          expect(limit.accepts(rest.subarray(0, size))).toBe(true)
          rest = rest.subarray(size)
        }
      },
    ),
  )
})

test('the first packet over the limit is refused when its length is announced, and nothing after it is accepted', () => {
  const limit = createPacketLimit(127)
  expect(limit.accepts(Buffer.from([0x30, 0x7f, ...Buffer.alloc(127)]))).toBe(true)
  expect(limit.accepts(Buffer.from([0x30, 0x80]))).toBe(true)
  expect(limit.accepts(Buffer.from([0x01]))).toBe(false)
  expect(limit.accepts(Buffer.from([0xc0, 0x00]))).toBe(false)
})

test('a length field of five bytes is malformed', () => {
  expect(createPacketLimit(2 ** 30).accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]))).toBe(false)
})

test('the type of the last packet is known: DISCONNECT is 14', () => {
  const limit = createPacketLimit(100)
  limit.accepts(Buffer.from([0xc0, 0x00, 0xe0, 0x00]))
  expect(limit.packetType).toBe(14)
})
