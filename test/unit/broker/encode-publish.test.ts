import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { encodePublish } from '../../../src/broker/transport/packets/encode-publish.ts'

const bytesOf = (topic: string, payload: Buffer | string) =>
  generate({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false })

test('a message is encoded as mqtt-packet encodes it', () => {
  const topic = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).filter(text => !/[+#\0]/.test(text))
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
  )
  fc.assert(
    fc.property(topic, payload, (name, body) => {
      expect(encodePublish(name, body)).toEqual(bytesOf(name, body))
    }),
  )
})

test('the flags and the packet id of QoS 1 and 2 are encoded as mqtt-packet encodes them', () => {
  const id = fc.integer({ min: 1, max: 65_535 })
  fc.assert(
    fc.property(fc.constantFrom(1, 2), id, fc.boolean(), fc.boolean(), (qos, messageId, dup, retain) => {
      const packet = { cmd: 'publish', topic: 'a/b', payload: 'x', qos, messageId, dup, retain } as const
      expect(encodePublish('a/b', 'x', { retain, handshake: { qos, messageId, dup } })).toEqual(generate(packet))
    }),
  )
})

test.each([0, 120, 121, 122, 123, 16_376, 16_377, 16_378, 16_379, 2_097_144, 2_097_145, 2_097_146, 2_097_147])(
  'the length field is right at its edges: %i bytes',
  size => {
    const payload = Buffer.alloc(size, 1)
    expect(encodePublish('a/b/c', payload).equals(bytesOf('a/b/c', payload))).toBe(true)
  },
)
