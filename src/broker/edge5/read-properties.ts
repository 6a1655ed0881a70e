import type { PacketFault } from '../../protocol/packet-faults.ts'
import { endOfField, textFault } from '../transport/packets/read-text.ts'
import { type Properties, type PropertyPlace, propertyById } from './property-table.ts'

/** No client may send more user properties than this: each takes work and memory. */
export const maxUserProperties = 64

const lengthFault = 'malformed length'
const flags: ReadonlySet<string> = new Set(['payloadFormat', 'requestProblemInformation', 'requestResponseInformation'])
/** [MQTT-3.1.2-27], [MQTT-3.3.2-8], section 3.1.2.11.3, section 3.8.2.1.2 */
const notZero: ReadonlySet<string> = new Set([
  'receiveMaximum',
  'maximumPacketBytes',
  'topicAlias',
  'subscriptionIdentifier',
])

interface Found {
  readonly properties: Properties
  /** Where the bytes after the properties begin. */
  readonly end: number
}

/** A variable byte integer (MQTT 5 section 1.5.5), and where it ends; undefined when it is malformed or cut short. */
export function readVariable(bytes: Buffer, from: number, end: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = from, factor = 1; at < end && at < from + 4; at++, factor *= 128) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return byte === 0 && at > from ? undefined : { value, end: at + 1 }
  }
  return undefined
}

/** Reads the properties that begin at `from` with their length, in a packet that ends at `end` (MQTT 5 section 2.2.2); or says what is wrong. */
export function readProperties(bytes: Buffer, from: number, end: number, place: PropertyPlace): Found | PacketFault {
  const length = readVariable(bytes, from, end)
  if (!length) return lengthFault
  const propertiesEnd = length.end + length.value
  if (propertiesEnd > end) return 'cut short'
  const properties: Properties = {}
  let users: [name: string, value: string][] | undefined
  let at = length.end
  while (at < propertiesEnd) {
    const listed = propertyById.get(bytes[at++] ?? 0)
    if (!listed?.from.some(one => one === place)) return 'property not allowed'
    if (listed.type === 'pair') {
      const pair = readPair(bytes, at, propertiesEnd)
      if (typeof pair === 'string') return pair
      users ??= []
      users.push(pair.value)
      if (users.length > maxUserProperties) return 'too many user properties'
      at = pair.end
      continue
    }
    if (properties[listed.name] !== undefined) return 'property twice'
    const found = readValue(bytes, at, propertiesEnd, listed.type)
    if (typeof found === 'string') return found
    const { value } = found
    if ((flags.has(listed.name) && Number(value) > 1) || (notZero.has(listed.name) && value === 0))
      return 'property out of range'
    Object.assign(properties, { [listed.name]: value })
    at = found.end
  }
  return { properties: users ? { ...properties, userProperties: users } : properties, end: propertiesEnd }
}

/** Nobody could answer there [MQTT-3.3.2-14], nor on that of a will, which becomes a PUBLISH. */
export const responseTopicFault = ({ responseTopic = '' }: Properties): PacketFault | undefined =>
  /[+#]/.test(responseTopic) ? 'wildcard in a response topic' : undefined

function readValue(
  bytes: Buffer,
  at: number,
  end: number,
  type: 'byte' | 'two bytes' | 'four bytes' | 'variable' | 'text' | 'data',
): { value: number | string | Buffer; end: number } | PacketFault {
  switch (type) {
    case 'byte':
      return at + 1 > end ? 'cut short' : { value: bytes.readUInt8(at), end: at + 1 }
    case 'two bytes':
      return at + 2 > end ? 'cut short' : { value: bytes.readUInt16BE(at), end: at + 2 }
    case 'four bytes':
      return at + 4 > end ? 'cut short' : { value: bytes.readUInt32BE(at), end: at + 4 }
    case 'variable':
      return readVariable(bytes, at, end) ?? lengthFault
    case 'text':
      return readText(bytes, at, end)
    case 'data': {
      const fieldEnd = endOfField(bytes, at, end)
      return fieldEnd === undefined ? 'cut short' : { value: bytes.subarray(at + 2, fieldEnd), end: fieldEnd }
    }
  }
}

function readText(bytes: Buffer, at: number, end: number): { value: string; end: number } | PacketFault {
  const fieldEnd = endOfField(bytes, at, end)
  if (fieldEnd === undefined) return 'cut short'
  const fault = textFault(bytes, at + 2, fieldEnd)
  return fault ?? { value: bytes.toString('utf8', at + 2, fieldEnd), end: fieldEnd }
}

function readPair(bytes: Buffer, at: number, end: number): { value: [string, string]; end: number } | PacketFault {
  const name = readText(bytes, at, end)
  if (typeof name === 'string') return name
  const value = readText(bytes, name.end, end)
  return typeof value === 'string' ? value : { value: [name.value, value.value], end: value.end }
}
