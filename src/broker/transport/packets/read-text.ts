import { isUtf8 } from 'node:buffer'
import type { PacketFault } from '../../../protocol/packet-faults.ts'

const hash = 0x23
const plus = 0x2b

/** The offset after the field that begins at `at`: two length bytes, then that many bytes. Undefined when `end` cuts it short. */
export function endOfField(bytes: Buffer, at: number, end: number): number | undefined {
  if (at + 2 > end) return undefined
  const fieldEnd = at + 2 + bytes.readUInt16BE(at)
  return fieldEnd > end ? undefined : fieldEnd
}

/** What is wrong with text (MQTT 3.1.1 section 1.5.3). ASCII is checked byte by byte; only other text is decoded. */
export function textFault(bytes: Buffer, from: number, end: number): PacketFault | undefined {
  let at = from
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === 0) return 'text with NUL'
    if (byte >= 0x80) break
  }
  if (at === end) return undefined
  const rest = bytes.subarray(at, end)
  if (!isUtf8(rest)) return 'text that is not UTF-8' // surrogates are not valid UTF-8
  return rest.includes(0) ? 'text with NUL' : undefined
}

/** What is wrong with the topic name of a PUBLISH. */
export function topicNameFault(bytes: Buffer, from: number, end: number): PacketFault | undefined {
  if (from === end) return 'empty topic'
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === hash || byte === plus) return 'wildcard in a topic name'
  }
  return textFault(bytes, from, end)
}
