import type { PacketFault } from '../../protocol/packet-faults.ts'
import { headerFault } from '../transport/packets/check-packet.ts'
import { packetType } from '../transport/packets/packet-types.ts'
import { endOfField, textFault, topicNameFault } from '../transport/packets/read-text.ts'
import type { Properties, PropertyPlace } from './property-table.ts'
import { readProperties, responseTopicFault } from './read-properties.ts'

const idBytes = 2
const noProperties: Properties = {}

/** Reason codes that a client may send (MQTT 5 sections 3.4.2.1, 3.6.2.1, 3.14.2.1, 3.15.2.1); only DISCONNECT has many. */
const pubackCodes = new Set([0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99])
const pubrelCodes = new Set([0, 0x92])
const disconnectCodes = new Set([0, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99])
/** Continue authentication, and re-authenticate. */
const authCodes = new Set([0x18, 0x19])
const codesOf: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [packetType.puback, pubackCodes],
  [packetType.pubrec, pubackCodes],
  [packetType.pubrel, pubrelCodes],
  [packetType.pubcomp, pubrelCodes],
])

/** The bits of the options of a filter (MQTT 5 section 3.8.3.1). */
const option = { qos: 0x03, noLocal: 0x04, retainAsPublished: 0x08, retainHandling: 0x30, reserved: 0xc0 } as const

/** The end of a packet: a reason code and properties. */
export interface Ending {
  readonly reasonCode: number
  readonly properties: Properties
}

/** A filter of a SUBSCRIBE as it was sent. */
export interface Asked {
  readonly filter: string
  readonly qos: number
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: number
}

/** What is wrong with a packet of MQTT 5 whose body is `bytes` from `from` up to `end`, or how many filters it holds. */
export function checkPacket5(bytes: Buffer, header: number, from: number, end: number): PacketFault | number {
  const type = header >> 4
  if (type === packetType.auth) return headerOf(header) ?? faultOf(readEnding(bytes, from, end, 'AUTH', authCodes))
  const fault = headerFault(header)
  if (fault) return fault
  switch (type) {
    case packetType.publish:
      return checkPublish(bytes, header, from, end) ?? 0
    case packetType.subscribe:
      return countOf(readFilters(bytes, from, end, true))
    case packetType.unsubscribe:
      return countOf(readFilters(bytes, from, end, false))
    case packetType.pingreq:
      return from === end ? 0 : 'with a body'
    case packetType.disconnect:
      return faultOf(readEnding(bytes, from, end, 'DISCONNECT', disconnectCodes))
    default: {
      if (from + idBytes > end) return 'cut short'
      if (bytes.readUInt16BE(from) === 0) return 'packet id 0'
      return faultOf(readEnding(bytes, from + idBytes, end, 'PUBACK', codesOf.get(type) ?? pubackCodes))
    }
  }
}

const headerOf = (header: number): PacketFault | undefined => ((header & 0x0f) === 0 ? undefined : 'reserved flags')
const faultOf = (found: object | PacketFault): PacketFault | 0 => (typeof found === 'string' ? found : 0)
const countOf = (found: Filters | PacketFault): PacketFault | number =>
  typeof found === 'string' ? found : found.filters.length

/** A reason code and properties; each may be left out together with what follows it. */
export function readEnding(
  bytes: Buffer,
  from: number,
  end: number,
  place: PropertyPlace,
  codes: ReadonlySet<number> | undefined = undefined,
): Ending | PacketFault {
  if (from === end) return place === 'AUTH' ? 'cut short' : { reasonCode: 0, properties: noProperties }
  const reasonCode = bytes[from] ?? 0
  if (codes && !codes.has(reasonCode)) return 'unknown reason code'
  if (from + 1 === end) return { reasonCode, properties: noProperties }
  const found = readProperties(bytes, from + 1, end, place)
  if (typeof found === 'string') return found
  return found.end === end ? { reasonCode, properties: found.properties } : 'bytes left over'
}

function checkPublish(bytes: Buffer, header: number, from: number, end: number): PacketFault | undefined {
  const topicEnd = endOfField(bytes, from, end)
  if (topicEnd === undefined) return 'cut short'
  const isEmpty = topicEnd === from + 2
  const fault = isEmpty ? undefined : topicNameFault(bytes, from + 2, topicEnd)
  if (fault) return fault
  let at = topicEnd
  if (((header >> 1) & 3) > 0) {
    if (at + idBytes > end) return 'cut short'
    if (bytes.readUInt16BE(at) === 0) return 'packet id 0'
    at += idBytes
  }
  if (bytes[at] === 0 && at < end) return isEmpty ? 'empty topic' : undefined
  const found = readProperties(bytes, at, end, 'PUBLISH')
  if (typeof found === 'string') return found
  if (isEmpty && found.properties.topicAlias === undefined) return 'empty topic'
  return responseTopicFault(found.properties)
}

export interface Filters {
  readonly properties: Properties
  readonly filters: readonly Asked[]
}

/** The filters of a SUBSCRIBE, each followed by its options, or of an UNSUBSCRIBE. */
export function readFilters(bytes: Buffer, from: number, end: number, withOptions: boolean): Filters | PacketFault {
  if (from + idBytes > end) return 'cut short'
  if (bytes.readUInt16BE(from) === 0) return 'packet id 0'
  const found = readProperties(bytes, from + idBytes, end, withOptions ? 'SUBSCRIBE' : 'UNSUBSCRIBE')
  if (typeof found === 'string') return found
  const filters: Asked[] = []
  for (let at = found.end; at < end; ) {
    const filterEnd = endOfField(bytes, at, end)
    if (filterEnd === undefined) return 'cut short'
    if (filterEnd === at + 2) return 'empty topic'
    const fault = textFault(bytes, at + 2, filterEnd)
    if (fault) return fault
    const filter = bytes.toString('utf8', at + 2, filterEnd)
    if (misplacesWildcard(filter)) return 'malformed filter'
    at = filterEnd
    const options = withOptions ? bytes[at++] : 0
    if (options === undefined || at > end) return 'cut short'
    const asked = askedBy(filter, options)
    if (typeof asked === 'string') return asked
    filters.push(asked)
  }
  return filters.length === 0 ? 'no filters' : { properties: found.properties, filters }
}

function askedBy(filter: string, options: number): Asked | PacketFault {
  const qos = options & option.qos
  const retainHandling = (options & option.retainHandling) >> 4
  if (qos === 3 || retainHandling === 3 || options & option.reserved) return 'reserved bits of a filter'
  const noLocal = (options & option.noLocal) > 0
  if (noLocal && filter.startsWith('$share/')) return 'no local on a shared subscription'
  return { filter, qos, noLocal, retainAsPublished: (options & option.retainAsPublished) > 0, retainHandling }
}

/** A wildcard fills a whole level, and `#` only the last one [MQTT-4.7.1-1], [MQTT-4.7.1-2]. */
const misplacesWildcard = (filter: string): boolean => /[^/][+#]|[+#][^/]|#\//.test(filter)
