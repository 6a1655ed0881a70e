import type { PacketFault } from '../../../protocol/packet-faults.ts'
import { packetType } from './packet-types.ts'
import { endOfField, textFault, topicNameFault } from './read-text.ts'

const idBytes = 2
const highestQos = 2
const dup = 0x08

/** The flags that the fixed header of a client's packet must have (MQTT 3.1.1 table 2.2); only those of PUBLISH vary. */
const flagsOf: ReadonlyMap<number, number> = new Map([
  [packetType.connect, 0],
  [packetType.puback, 0],
  [packetType.pubrec, 0],
  [packetType.pubrel, 2],
  [packetType.pubcomp, 0],
  [packetType.subscribe, 2],
  [packetType.unsubscribe, 2],
  [packetType.pingreq, 0],
  [packetType.disconnect, 0],
])

/** What is wrong with the first byte of a packet. */
export function headerFault(header: number): PacketFault | undefined {
  const type = header >> 4
  if (type === packetType.publish) {
    const qos = (header >> 1) & 3
    if (qos > highestQos) return 'QoS 3'
    return qos === 0 && header & dup ? 'DUP at QoS 0' : undefined
  }
  const flags = flagsOf.get(type)
  if (flags === undefined) return 'not from a client'
  return (header & 0x0f) === flags ? undefined : 'reserved flags'
}

/**
 * What is wrong with a packet of MQTT 3.1.1 whose body is `bytes` from `from` up to `end`, or how many filters it holds. Nothing is copied or decoded.
 * CONNECT is checked by `check-connect.ts`.
 */
export function checkPacket(bytes: Buffer, header: number, from: number, end: number): PacketFault | number {
  const fault = headerFault(header)
  if (fault) return fault
  switch (header >> 4) {
    case packetType.publish:
      return checkPublish(bytes, header, from, end) ?? 0
    case packetType.subscribe:
      return countFilters(bytes, from, end, true)
    case packetType.unsubscribe:
      return countFilters(bytes, from, end, false)
    case packetType.pingreq:
    case packetType.disconnect:
      return from === end ? 0 : 'with a body'
    default:
      if (end - from > idBytes) return 'bytes left over'
      return idFault(bytes, from, end) ?? 0
  }
}

function idFault(bytes: Buffer, at: number, end: number): PacketFault | undefined {
  if (at + idBytes > end) return 'cut short'
  return bytes.readUInt16BE(at) === 0 ? 'packet id 0' : undefined
}

function checkPublish(bytes: Buffer, header: number, from: number, end: number): PacketFault | undefined {
  const topicEnd = endOfField(bytes, from, end)
  if (topicEnd === undefined) return 'cut short'
  const hasId = ((header >> 1) & 3) > 0
  return topicNameFault(bytes, from + 2, topicEnd) ?? (hasId ? idFault(bytes, topicEnd, end) : undefined)
}

/** The filters of a SUBSCRIBE, each followed by its QoS, or of an UNSUBSCRIBE. */
function countFilters(bytes: Buffer, from: number, end: number, withQos: boolean): PacketFault | number {
  const fault = idFault(bytes, from, end)
  if (fault) return fault
  let filters = 0
  let at = from + idBytes
  for (; at < end; filters++) {
    const filterEnd = endOfField(bytes, at, end)
    if (filterEnd === undefined) return 'cut short'
    if (filterEnd === at + 2) return 'empty topic'
    const wrong = textFault(bytes, at + 2, filterEnd)
    if (wrong) return wrong
    at = filterEnd
    if (!withQos) continue
    const qos = bytes[at++]
    if (qos === undefined || at > end) return 'cut short'
    if (qos > highestQos) return 'reserved bits of a filter'
  }
  return filters === 0 ? 'no filters' : filters
}
