import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { encodeAnswer, giveMessagePacket, readPublish } from '../../../src/broker/transport/packets/message-packets.ts'

const id = fc.integer({ min: 1, max: 65_535 })
const topic = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
const payload = fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes))
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)

test('a PUBLISH is read as mqtt-packet writes it', () => {
  fc.assert(
    fc.property(topic, payload, qos, id, fc.boolean(), fc.boolean(), (name, body, level, messageId, dup, retain) => {
      const packet = { topic: name, payload: body, qos: level, retain, dup: dup && level > 0 }
      const bytes = generate({ cmd: 'publish', ...packet, messageId })
      expect(readPublish(bytes)).toEqual({ ...packet, messageId: level > 0 ? messageId : 0 })
    }),
  )
})

test('the four answers are written as mqtt-packet writes them, and given to what takes them', () => {
  fc.assert(
    fc.property(fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), id, (cmd, messageId) => {
      const bytes = encodeAnswer(cmd, messageId)
      expect(bytes).toEqual(generate({ cmd, messageId }))
      const given: unknown[] = []
      const note = (name: string) => (of: unknown) => void given.push([name, of])
      const taker = {
        publishFast: () => false,
        publish: note('publish'),
        puback: note('puback'),
        pubrec: note('pubrec'),
        pubrel: note('pubrel'),
        pubcomp: note('pubcomp'),
        authenticate: () => {},
        hasSubscribed: () => false,
      }
      expect(giveMessagePacket((bytes[0] ?? 0) >> 4, bytes, taker)).toBe(true)
      expect(given).toEqual([[cmd, messageId]])
    }),
  )
})
