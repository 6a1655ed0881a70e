import { isIP } from 'node:net'
import { proxyHeaderBegins } from '../domain/proxy-protocol.ts'
import { addressOf } from '../network/ip-address.ts'

/** The beginning of a connection: the length of its PROXY header in bytes, 0 without one, and the client address in it. */
export interface ProxyHeader {
  readonly length: number
  /** Undefined without a header, and when the proxy connects on its own behalf (LOCAL, UNKNOWN: a health check). */
  readonly source?: string
}

const { 1: v1Begin, 2: v2Begin } = proxyHeaderBegins
/** The longest header of version 1, including its end of line. */
const v1MaxBytes = 107
const v1Sources: ReadonlyMap<string, 4 | 6> = new Map([
  ['TCP4', 4],
  ['TCP6', 6],
])

const v2FixedBytes = 16
/** Addresses take at most 36 bytes; further fields (a certificate's name, an id) are not read. */
const v2MaxMoreBytes = 4096
/** The end of the source address behind the fixed part, by family and protocol. */
const v2SourceBytes: ReadonlyMap<number, number> = new Map([
  [0x11, 4],
  [0x12, 4],
  [0x21, 16],
  [0x22, 16],
])

/**
 * Reads the PROXY header, version 1 or 2, at the beginning of `first` (HAProxy, doc/proxy-protocol.txt). 'more' while it is incomplete; a problem
 * in words when it begins like a header but is malformed.
 */
export function readProxyHeader(first: Buffer): ProxyHeader | 'more' | { readonly problem: string } {
  if (begins(first, v2Begin)) return first.length < v2FixedBytes ? 'more' : readVersion2(first)
  if (begins(first, v1Begin)) return first.length < v1Begin.length ? 'more' : readVersion1(first)
  return { length: 0 }
}

/** True also while `first` is only a part of `begin`. */
const begins = (first: Buffer, begin: Buffer): boolean => {
  const common = Math.min(first.length, begin.length)
  return first.compare(begin, 0, common, 0, common) === 0
}

function readVersion1(first: Buffer): ReturnType<typeof readProxyHeader> {
  const end = first.subarray(0, v1MaxBytes).indexOf('\r\n')
  if (end < 0) return first.length < v1MaxBytes ? 'more' : { problem: 'version 1 without an end of line' }
  const length = end + 2
  const [, family = '', source = '', destination = '', ...ports] = first.toString('latin1', 0, end).split(' ')
  if (family === 'UNKNOWN') return { length }
  const version = v1Sources.get(family)
  const isWhole = ports.length === 2 && ports.every(port => /^\d{1,5}$/.test(port))
  if (!isWhole || isIP(source) !== version || isIP(destination) !== version)
    return { problem: 'version 1 that is not TCP4, TCP6 or UNKNOWN with two addresses and ports' }
  return { length, source: addressOf(source) }
}

function readVersion2(first: Buffer): ReturnType<typeof readProxyHeader> {
  const [command = 0, family = 0] = first.subarray(v2Begin.length)
  const more = first.readUInt16BE(v2Begin.length + 2)
  if (command !== 0x20 && command !== 0x21) return { problem: `version 2 with the command 0x${command.toString(16)}` }
  if (more > v2MaxMoreBytes) return { problem: `version 2 of ${more} bytes` }
  const length = v2FixedBytes + more
  const sourceBytes = v2SourceBytes.get(family)
  const isLocal = command === 0x20 || sourceBytes === undefined
  if (!isLocal && more < 2 * sourceBytes + 4) return { problem: 'version 2 that is too short for its addresses' }
  if (first.length < length) return 'more'
  if (isLocal) return { length }
  return { length, source: textOf(first.subarray(v2FixedBytes, v2FixedBytes + sourceBytes)) }
}

function textOf(address: Buffer): string {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16))
  return addressOf(groups.join(':'))
}
