import type { PacketFault } from '../../../protocol/packet-faults.ts'
import { endOfField, textFault } from './read-text.ts'

/** Which version of MQTT a CONNECT asks for. */
export interface AskedVersion {
  /** 3 is MQTT 3.1, 4 is 3.1.1, 5 is MQTT 5; others may be anything. */
  readonly level: number
  /** It was checked as one of these two. */
  readonly isChecked: boolean
}

const flag = { reserved: 0x01, will: 0x04, willQos: 0x18, willRetain: 0x20, password: 0x40, username: 0x80 } as const
/** The protocol level of each protocol name: 3.1.1 and 3.1. */
const levels: ReadonlyMap<string, number> = new Map([
  ['MQTT', 4],
  ['MQIsdp', 3],
])
/** The highest bit of the level is how a bridge says that it is one. */
const levelBits = 0x7f

/**
 * Checks the body of a CONNECT, from `from` up to `end` (MQTT 3.1.1 section 3.1). For another version nothing is checked after its level, for it may look
 * like anything. Text is not copied.
 */
export function checkConnect(bytes: Buffer, from: number, end: number): PacketFault | AskedVersion {
  const nameEnd = endOfField(bytes, from, end)
  if (nameEnd === undefined) return 'cut short'
  const name = bytes.toString('latin1', from + 2, Math.min(nameEnd, from + 10))
  const expected = levels.get(name)
  if (expected === undefined) return 'unknown protocol name'
  const level = bytes[nameEnd]
  if (nameEnd + 1 > end || level === undefined) return 'cut short'
  if ((level & levelBits) !== expected) return { level: name === 'MQTT' ? level : 0, isChecked: false }
  const flags = bytes[nameEnd + 1]
  if (nameEnd + 4 > end || flags === undefined) return 'cut short'
  const fault = flagsFault(flags) ?? fieldsFault(bytes, nameEnd + 4, end, flags)
  return fault ?? { level: expected, isChecked: true }
}

/** What is wrong with the flags of a CONNECT. */
export function flagsFault(flags: number): PacketFault | undefined {
  if (flags & flag.reserved) return 'reserved connect flag'
  if ((flags & flag.will) === 0 && flags & (flag.willQos | flag.willRetain)) return 'will flags without a will'
  if ((flags & flag.willQos) === flag.willQos) return 'will QoS 3'
  return flags & flag.password && (flags & flag.username) === 0 ? 'password without a user name' : undefined
}

/** Client id, will topic, will, user name and password, as far as the flags say that they are present, and nothing after them. */
function fieldsFault(bytes: Buffer, from: number, end: number, flags: number): PacketFault | undefined {
  let at = from
  for (const [isThere, isText] of [
    [true, true],
    [flags & flag.will, true],
    [flags & flag.will, false],
    [flags & flag.username, true],
    [flags & flag.password, false],
  ] as const) {
    if (!isThere) continue
    const fieldEnd = endOfField(bytes, at, end)
    if (fieldEnd === undefined) return 'cut short'
    const fault = isText ? textFault(bytes, at + 2, fieldEnd) : undefined
    if (fault) return fault
    at = fieldEnd
  }
  return at === end ? undefined : 'bytes left over'
}
