import { packetType } from './packet-types.ts'

const idBytes = 2

/**
 * The first `most` filters of a SUBSCRIBE or UNSUBSCRIBE that was checked, as packets of at most `size` filters each, with the type and the
 * packet id of the whole one.
 */
export function filterPortions(packet: Buffer, size: number, most: number): Buffer[] {
  const header = packet[0] ?? 0
  const qosBytes = header >> 4 === packetType.subscribe ? 1 : 0
  let at = bodyOf(packet) + idBytes
  const id = packet.subarray(at - idBytes, at)
  const portions: Buffer[] = []
  for (let left = most; left > 0 && at < packet.length; left -= size) {
    const from = at
    for (let n = Math.min(size, left); n > 0 && at < packet.length; n--) at += 2 + packet.readUInt16BE(at) + qosBytes
    portions.push(Buffer.concat([fixedHeader(header, idBytes + at - from), id, packet.subarray(from, at)]))
  }
  return portions
}

/** The offset behind a fixed header. */
export function bodyOf(packet: Buffer): number {
  let at = 1
  while ((packet[at++] ?? 0) >= 0x80) {}
  return at
}

/** A fixed header (MQTT 3.1.1 section 2.2) in front of so many bytes. */
export function fixedHeader(header: number, length: number): Buffer {
  const bytes = [header]
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.of(...bytes, rest)
    bytes.push((rest % 128) | 128)
  }
}
