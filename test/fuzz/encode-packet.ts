/** Control packet types (MQTT 3.1.1 table 2.1). */
export const packetType = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const

/** A packet with any type from 0 to 15 and any flags, right or wrong; its announced length is right. */
export function encodePacket(type: number, flags: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of((type << 4) | (flags & 15)), encodeLength(body.length), body])
}

/** MQTT's variable-length number, of up to five bytes: the fifth is one too many. */
export function encodeLength(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  do {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? digit | 128 : digit)
  } while (rest > 0 && bytes.length < 5)
  return Buffer.from(bytes)
}

/** Two bytes, the high one first. */
export const number16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255)

/** Text or bytes behind their length, as MQTT has all its strings. */
export function lengthAndText(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([number16(bytes.length), bytes])
}
