import { packetType } from './packet-types.ts'

const idBytes = 2

/** A SUBSCRIBE or UNSUBSCRIBE of some of the filters of another. */
export interface FilterPortion {
  readonly bytes: Buffer
  readonly filters: number
}

/**
 * The first `most` filters of a SUBSCRIBE or UNSUBSCRIBE that was checked, as packets of at most `size` filters each, with the type and the packet id of
 * the whole one. No portion has a filter twice: Aedes takes the two for one, and would answer with one return code too few [MQTT-3.8.4-5].
 */
export function filterPortions(packet: Buffer, size: number, most: number): FilterPortion[] {
  const header = packet[0] ?? 0
  const bodyAt = bodyOf(packet)
  const id = packet.subarray(bodyAt, bodyAt + idBytes)
  const portions: FilterPortion[] = []
  let seen = new Set<string>()
  let from = bodyAt + idBytes
  let at = from
  const close = () => {
    if (seen.size === 0) return
    const bytes = Buffer.concat([fixedHeader(header, idBytes + at - from), id, packet.subarray(from, at)])
    portions.push({ bytes, filters: seen.size })
    seen = new Set()
    from = at
  }
  let left = most
  for (const { filter, end } of fieldsOf(packet)) {
    if (left-- <= 0) break
    if (seen.has(filter) || seen.size === size) close()
    seen.add(filter)
    at = end
  }
  close()
  return portions
}

/** Whether a SUBSCRIBE or UNSUBSCRIBE that was checked has a filter more than once. */
export function hasRepeatedFilters(packet: Buffer): boolean {
  const seen = new Set<string>()
  for (const { filter } of fieldsOf(packet)) {
    if (seen.has(filter)) return true
    seen.add(filter)
  }
  return false
}

/** The filters of a SUBSCRIBE or UNSUBSCRIBE that was checked. */
export const filtersOf = (packet: Buffer): string[] =>
  [...fieldsOf(packet)].map(({ filter }) => Buffer.from(filter, 'latin1').toString())

/** Each filter, by its bytes, and where what follows it begins. */
function* fieldsOf(packet: Buffer): Iterable<{ filter: string; end: number }> {
  const qosBytes = (packet[0] ?? 0) >> 4 === packetType.subscribe ? 1 : 0
  for (let at = bodyOf(packet) + idBytes; at < packet.length; ) {
    const filterEnd = at + 2 + packet.readUInt16BE(at)
    yield { filter: packet.toString('latin1', at + 2, filterEnd), end: filterEnd + qosBytes }
    at = filterEnd + qosBytes
  }
}

/** The offset behind a fixed header. */
export function bodyOf(packet: Buffer): number {
  let at = 1
  while ((packet[at++] ?? 0) >= 0x80) {}
  return at
}

/** A fixed header (MQTT 3.1.1 section 2.2) for a body of this many bytes. */
export function fixedHeader(header: number, length: number): Buffer {
  const bytes = [header]
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.of(...bytes, rest)
    bytes.push((rest % 128) | 128)
  }
}
