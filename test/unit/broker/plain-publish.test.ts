import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { readPlainPublish } from '../../../src/broker/transport/packets/plain-publish.ts'

const publish = (topic: string, payload: Buffer, flags: { qos?: 0 | 1 | 2; dup?: boolean; retain?: boolean } = {}) =>
  generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, messageId: 7, ...flags })

test('whatever mqtt-packet writes is read back, wherever it begins, and up to where it ends', () => {
  const topic = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(topic, fc.uint8Array({ maxLength: 20_000 }), fc.nat(9), (name, payload, from) => {
      const packet = publish(name, Buffer.from(payload))
      const bytes = Buffer.concat([Buffer.alloc(from, 0x30), packet, Buffer.from([0xc0, 0])])
      const read = readPlainPublish(bytes, from, 1_000_000)
      expect(read?.topic).toBe(name)
      expect(read?.payload.equals(payload)).toBe(true)
      expect(read?.end).toBe(from + packet.length)
    }),
  )
})

test('a packet that is not all there is left alone, however it is cut', () => {
  const packet = publish('devices/d/event/x', Buffer.alloc(200))
  for (let cut = 0; cut < packet.length; cut++)
    expect(readPlainPublish(packet.subarray(0, cut), 0, 1000)).toBeUndefined()
})

test.each([
  ['QoS 1', publish('t', Buffer.alloc(1), { qos: 1 })],
  ['QoS 2', publish('t', Buffer.alloc(1), { qos: 2 })],
  ['RETAIN', publish('t', Buffer.alloc(1), { retain: true })],
  ['DUP', Buffer.from([0x38, 3, 0, 1, 0x74])],
  ['PINGREQ', Buffer.from([0xc0, 0])],
  ['no room for a topic', Buffer.from([0x30, 1, 0, 0, 0])],
  ['a topic longer than the packet', Buffer.from([0x30, 3, 0, 2, 0x74, 0x74, 0x74])],
  ['a length of five bytes', Buffer.from([0x30, 0x83, 0x80, 0x80, 0x80, 0, 0, 1, 0x74])],
  ['one byte over the limit', publish('t', Buffer.alloc(998))],
])('%s is left to the parser', (_name, bytes) => {
  expect(readPlainPublish(bytes, 0, 1000)).toBeUndefined()
})

test('the limit itself passes', () => {
  expect(readPlainPublish(publish('t', Buffer.alloc(997)), 0, 1000)?.payload.length).toBe(997)
})
