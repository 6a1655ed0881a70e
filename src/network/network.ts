import { type IpAddress, parseAddress } from './ip-address.ts'

/** An address or a network (`192.0.2.1`, `10.0.0.0/8`, `fd00::/8`) taken apart; undefined for any other text. */
export function parseNetwork(text: string): { readonly address: IpAddress; readonly bits: number } | undefined {
  const [written = '', length, ...more] = text.split('/')
  const address = parseAddress(written)
  if (!address || more.length > 0 || !/^\d{1,3}$/.test(length ?? '0')) return undefined
  const maxBits = address.family === 'ipv4' ? 32 : 128
  const bits = length === undefined ? maxBits : Number(length)
  return bits <= maxBits ? { address, bits } : undefined
}

/** The network of `bits` bits that an address lies in: 24 to 32 bits of an IPv4 address, 48 to 64 of an IPv6 address. */
export function networkAt(address: IpAddress, bits: number): string {
  if (address.family === 'ipv6') return networkOfGroups(address.groups, bits)
  const lastDot = address.quad.lastIndexOf('.')
  const last = Number(address.quad.slice(lastDot + 1)) & (0xff << (32 - bits))
  return bits === 32 ? address.quad : `${address.quad.slice(0, lastDot)}.${last}/${bits}`
}

/** The same of the first four groups of an IPv6 address. */
export const networkOfGroups = ([a = 0, b = 0, c = 0, d = 0]: readonly number[], bits: number): string =>
  `${[a, b, c, d & (0xffff << (64 - bits))].map(group => group.toString(16)).join(':')}::/${bits}`
