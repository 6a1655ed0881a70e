import { fixedHeader } from '../transport/packets/filter-portions.ts'
import { type Properties, propertyByName } from './property-table.ts'

const longestText = 65_535

/** A variable byte integer (MQTT 5 section 1.5.5). */
export function variable(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.of(...bytes, rest)
    bytes.push((rest % 128) | 128)
  }
}

/** Bytes after their length; what is longer than a field can be is cut off. */
export function field(value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const kept = bytes.subarray(0, longestText)
  return Buffer.concat([Buffer.of(kept.length >> 8, kept.length & 0xff), kept])
}

/** Properties after their length (MQTT 5 section 2.2.2). `identifiers`: subscription identifiers, of which there may be several. */
export function propertyBytes(properties: Properties, identifiers: readonly number[] = []): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of Object.entries(properties)) {
    const listed = propertyByName.get(name)
    if (!listed || value === undefined) continue
    if (Array.isArray(value)) {
      for (const [key, text] of value) parts.push(Buffer.of(listed.id), field(key), field(text))
      continue
    }
    parts.push(Buffer.of(listed.id), valueBytes(listed.type, value))
  }
  for (const identifier of identifiers) parts.push(Buffer.of(0x0b), variable(identifier))
  const bytes = Buffer.concat(parts)
  return Buffer.concat([variable(bytes.length), bytes])
}

function valueBytes(type: string, value: unknown): Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return field(value)
  const number = Number(value)
  if (type === 'variable') return variable(number)
  const bytes = Buffer.alloc(type === 'byte' ? 1 : type === 'two bytes' ? 2 : 4)
  bytes.writeUIntBE(number, 0, bytes.length)
  return bytes
}

/** A packet made of its fixed header and these parts. */
export function packetOf(header: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([fixedHeader(header, length), ...parts])
}
