import { proxyHeaderBegins } from '../../../domain/proxy-protocol.ts'
import type { PacketFault } from '../../../protocol/packet-faults.ts'
import { headerFault } from './check-packet.ts'
import { packetType } from './packet-types.ts'

/** The first bytes of other protocols than MQTT. */
const others: readonly (readonly [begins: Buffer, name: string])[] = [
  [Buffer.of(0x16, 0x03), 'TLS'],
  [proxyHeaderBegins[1], 'PROXY protocol v1'],
  [proxyHeaderBegins[2], 'PROXY protocol v2'],
  ...['GET ', 'HEAD ', 'POST ', 'PUT ', 'DELETE ', 'CONNECT ', 'OPTIONS ', 'TRACE ', 'PATCH ', 'PRI * HTTP/2'].map(
    method => [Buffer.from(method), 'HTTP'] as const,
  ),
  [Buffer.from('SSH-'), 'SSH'],
]

/** How many bytes are looked at. */
export const maxFirstBytes = Math.max(...others.map(([begins]) => begins.length))

/**
 * What a connection looks like by its first bytes (at least one): a CONNECT, another protocol by its name, or a packet that may not come first. 'more'
 * while that is undecided. Bytes after the deciding ones change nothing.
 */
export function looksLike(first: Buffer): 'CONNECT' | 'more' | { readonly protocol: string } | PacketFault {
  const header = first[0] ?? 0
  if (header === packetType.connect << 4) return 'CONNECT'
  for (const [begins, protocol] of others) {
    const common = Math.min(first.length, begins.length)
    if (first.compare(begins, 0, common, 0, common) !== 0) continue
    return common === begins.length ? { protocol } : 'more'
  }
  const fault = headerFault(header)
  if (fault === undefined) return 'before CONNECT'
  if (header >> 4 === packetType.connect) return fault
  return { protocol: `bytes that begin with 0x${header.toString(16).padStart(2, '0')}` }
}
