import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { filterPortions } from '../../../src/broker/transport/packets/filter-portions.ts'
import { JoinedAnswer } from '../../../src/broker/transport/packets/joined-answer.ts'
import { WholePackets } from '../../../src/broker/transport/packets/whole-packets.ts'

function parse(...bytes: Buffer[]): Packet[] {
  const packets: Packet[] = []
  const reader = parser().on('packet', packet => packets.push(packet))
  for (const one of bytes) reader.parse(one)
  return packets
}

const filters = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 300 })
const bound = fc.integer({ min: 1, max: 150 })

test('the portions of a packet hold its first filters, each as it was and in their order', () => {
  fc.assert(
    fc.property(filters, bound, bound, fc.boolean(), (topics, size, most, subscribes) => {
      const packet = subscribes
        ? generate({
            cmd: 'subscribe',
            messageId: 513,
            subscriptions: topics.map((topic, n) => ({ topic, qos: (n % 3) as 0 })),
          })
        : generate({ cmd: 'unsubscribe', messageId: 513, unsubscriptions: topics })
      const portions = parse(...filterPortions(packet, size, most).map(({ bytes }) => bytes))
      const [whole] = parse(packet)
      const of = (one: Packet | undefined): readonly unknown[] =>
        one?.cmd === 'subscribe' ? one.subscriptions : one?.cmd === 'unsubscribe' ? one.unsubscriptions : []
      expect(portions.flatMap(of)).toEqual(of(whole).slice(0, most))
      for (const portion of portions) {
        expect(portion.messageId).toBe(513)
        expect(of(portion).length).toBeLessThanOrEqual(size)
        const asked = of(portion).map(one => (typeof one === 'string' ? one : (one as { topic: string }).topic))
        expect(new Set(asked).size).toBe(asked.length)
      }
    }),
  )
})

test('their answers become one, in whatever pieces they are written, and what is written between them passes', () => {
  const codes = fc.array(fc.array(fc.constantFrom(0, 1, 2, 128), { minLength: 1, maxLength: 100 }), {
    minLength: 1,
    maxLength: 5,
  })
  fc.assert(
    fc.property(codes, fc.nat(40_000), fc.integer({ min: 1, max: 9 }), (granted, refused, pieceBytes) => {
      const message = generate({ cmd: 'publish', topic: 't', payload: '\x90', qos: 0, dup: false, retain: false })
      const answers = granted.map(one => generate({ cmd: 'suback', messageId: 7, granted: one }))
      const answer = new JoinedAnswer(answers.length, refused)
      const whole = new WholePackets()
      const written: Buffer[] = []
      for (const bytes of answers.flatMap(one => [message, one])) {
        for (let at = 0; at < bytes.length; at += pieceBytes)
          for (const packet of whole.add(bytes.subarray(at, at + pieceBytes)))
            written.push(answer.pass(packet) ?? Buffer.of())
      }
      expect(answer.isGiven).toBe(true)
      const all = [...granted.flat(), ...Array.from({ length: refused }, () => 128)]
      const packets = parse(Buffer.concat(written))
      expect(packets.map(({ cmd }) => cmd)).toEqual([...answers.map(() => 'publish'), 'suback'])
      expect(packets.at(-1)).toMatchObject({ messageId: 7, granted: all })
    }),
    { numRuns: 50 },
  )
})
