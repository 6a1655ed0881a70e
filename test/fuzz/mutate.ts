import { encodeLength } from './encode-packet.ts'
import type { Random } from './random.ts'

/** The packet with something wrong that its encoder would not do: most of these end the connection. */
export function mutate(random: Random, packet: Buffer): Buffer {
  const mutations: readonly ((bytes: Buffer) => Buffer)[] = [
    bytes => bytes.subarray(0, random.below(bytes.length)),
    bytes => Buffer.concat([bytes, random.bytes(1 + random.below(8))]),
    bytes => withByte(bytes, 0, random.below(256)),
    bytes => withByte(bytes, random.below(bytes.length), random.below(256)),
    bytes => withByte(bytes, random.below(bytes.length), 0),
    bytes => withByte(bytes, random.below(bytes.length), 0xff),
    bytes => withLength(bytes, encodeLength(random.below(2 * bytes.length))),
    bytes => withLength(bytes, encodeLength(random.pick([262_145, 268_435_455, 2 ** 31]))),
    bytes => withLength(bytes, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff)),
    bytes => withLength(bytes, Buffer.of(0x80, 0x00)),
    bytes => cutOut(bytes, random.below(bytes.length), random.below(8)),
    bytes => Buffer.concat([bytes, bytes]),
    bytes => random.bytes(bytes.length % 300),
  ]
  const once = random.pick(mutations)(packet)
  return once.length > 0 && random.chance(0.2) ? random.pick(mutations)(once) : once
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

/** In place of the length that the packet announces. */
function withLength(bytes: Buffer, length: Buffer): Buffer {
  let bodyAt = 1
  while (bodyAt < bytes.length && bodyAt < 5 && ((bytes[bodyAt] ?? 0) & 0x80) !== 0) bodyAt++
  return Buffer.concat([bytes.subarray(0, 1), length, bytes.subarray(bodyAt + 1)])
}

const cutOut = (bytes: Buffer, at: number, length: number): Buffer =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
