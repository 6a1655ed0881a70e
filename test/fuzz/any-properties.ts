import { encodeLength, lengthAndText, number16 } from './encode-packet.ts'
import type { Random } from './random.ts'

/** Where properties stand in what a client sends. */
export type PropertyPlace = 'connect' | 'will' | 'publish' | 'answer' | 'subscribe' | 'unsubscribe' | 'disconnect'

type MakeValue = (random: Random) => Buffer

const flag: MakeValue = random => Buffer.of(random.chance(0.01) ? 2 : random.below(2))
const seconds: MakeValue = random =>
  random.pick([Buffer.of(0, 0, 0, 0), Buffer.of(0, 0, 0, 1), Buffer.of(0, 0, 1, 0), Buffer.alloc(4, 0xff)])
const text: MakeValue = random => lengthAndText(random.pick(['', 'a', 'text/plain', '温度', 'x'.repeat(300)]))
const data: MakeValue = random => lengthAndText(random.bytes(random.below(20)))
const topic: MakeValue = random =>
  lengthAndText(random.chance(0.01) ? 'a/+' : random.pick(['app/answers', 'reply/x/y']))
const number: MakeValue = random => number16(random.chance(0.01) ? 0 : random.pick([1, 2, 16, 65_535]))
const alias: MakeValue = random => number16(random.chance(0.01) ? random.pick([0, 17, 65_535]) : 1 + random.below(16))
const identifier: MakeValue = random => encodeLength(random.chance(0.01) ? 0 : random.pick([1, 127, 128, 268_435_455]))
const packetBytes: MakeValue = random =>
  random.pick([Buffer.of(0, 0, 0, 60), Buffer.of(0, 1, 0, 0), Buffer.alloc(4, 0xff)])
const pair: MakeValue = random => Buffer.concat([text(random), text(random)])

const message: readonly (readonly [number, MakeValue])[] = [
  [0x01, flag],
  [0x02, seconds],
  [0x03, text],
  [0x08, topic],
  [0x09, data],
  [0x26, pair],
]
const properties: Readonly<Record<PropertyPlace, readonly (readonly [number, MakeValue])[]>> = {
  connect: [
    [0x11, seconds],
    [0x17, flag],
    [0x19, flag],
    [0x21, number],
    [0x22, number],
    [0x26, pair],
    [0x27, packetBytes],
  ],
  will: [...message, [0x18, () => Buffer.of(0, 0, 0, 0)]],
  publish: [...message, [0x23, alias]],
  answer: [
    [0x1f, text],
    [0x26, pair],
  ],
  subscribe: [
    [0x0b, identifier],
    [0x26, pair],
  ],
  unsubscribe: [[0x26, pair]],
  disconnect: [
    [0x11, seconds],
    [0x1f, text],
    [0x26, pair],
  ],
}

/** Properties of MQTT 5 with their length, mostly none, and mostly right. */
export function anyProperties(random: Random, place: PropertyPlace): Buffer {
  if (random.chance(0.6)) return Buffer.of(0)
  const parts: Buffer[] = []
  for (const [id, make] of properties[place]) if (random.chance(0.3)) parts.push(Buffer.of(id), make(random))
  if (random.chance(0.004)) parts.push(...parts)
  if (random.chance(0.004)) parts.push(random.bytes(1 + random.below(8)))
  if (random.chance(0.002)) parts.push(...Array.from({ length: 65 }, () => Buffer.of(0x26, 0, 0, 0, 0)))
  const bytes = Buffer.concat(parts)
  const length = random.chance(0.004) ? random.below(2 * bytes.length + 2) : bytes.length
  return Buffer.concat([encodeLength(length), bytes])
}
