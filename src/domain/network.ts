import { isIP, isIPv4, isIPv6 } from 'node:net'

/** A network that an address lies in, and how many times the limit of one address all of it may use. */
export interface CountedNetwork {
  readonly network: string
  readonly share: number
}

/**
 * The networks of IPv6 that limits count by. A /64 is one subscriber's, and counts as one address; but many are given a /56 or a /48, with 256 or
 * 65,536 of them. 4 and 16 times leave room for the other subscribers of a provider that gives each a /64 out of one /48.
 */
const countedPrefixes = [
  { bits: 64, share: 1 },
  { bits: 56, share: 4 },
  { bits: 48, share: 16 },
]

/** What an address is counted as: an IPv4 address, or the /64 of an IPv6 address. */
export const networkOf = (address: string): string => networksOf(address)[0]?.network ?? address

/** What limits for an address count by: an IPv4 address alone, or the /64, the /56 and the /48 of an IPv6 address. */
export function networksOf(address: string): readonly CountedNetwork[] {
  const value = addressOf(address)
  if (!isIPv6(value)) return [{ network: value, share: 1 }]
  const [a = 0, b = 0, c = 0, d = 0] = value.split(':').map(group => Number.parseInt(group, 16))
  return countedPrefixes.map(({ bits, share }) => {
    const subnet = d & (0xffff << (64 - bits))
    const groups = [a, b, c, subnet].map(group => group.toString(16))
    return { network: `${groups.join(':')}::/${bits}`, share }
  })
}

/**
 * An address in the one spelling by which it is compared: all eight groups of an IPv6 address (`::1` is `0:0:0:0:0:0:0:1`), without the zone
 * of this machine; an IPv4 address that IPv6 carries (`::ffff:192.0.2.1`) as itself. What is no address is left as it is.
 */
export function addressOf(address: string): string {
  if (!address.includes(':')) return address
  const [literal = ''] = address.split('%')
  if (!isIPv6(literal)) return address
  const [left = [], right] = literal.split('::').map(groupsOf)
  const zeros = right ? Array.from({ length: 8 - left.length - right.length }, () => 0) : []
  const groups = [...left, ...zeros, ...(right ?? [])]
  const isMapped = groups.slice(0, 6).every((group, i) => group === (i < 5 ? 0 : 0xffff))
  return isMapped ? bytesOf(groups.slice(6)).join('.') : groups.map(group => group.toString(16)).join(':')
}

/** The version of IP that `text` is an address of; 0 for any other text. */
export function isAddress(text: string): 0 | 4 | 6 {
  const version = isIP(text)
  return version === 4 || version === 6 ? version : 0
}

/** An address or a network (`192.0.2.1`, `10.0.0.0/8`, `fd00::/8`) taken apart; undefined for any other text. */
export function parseNetwork(text: string) {
  const [written = '', bits, ...more] = text.split('/')
  const address = addressOf(written)
  const version = isAddress(address)
  const most = version === 4 ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  if (version === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits ?? '0') || prefix > most) return undefined
  return { address, prefix, family: version === 4 ? ('ipv4' as const) : ('ipv6' as const) }
}

/** True for an address that only this machine itself can come from. */
export const isLoopback = (address: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|0:0:0:0:0:0:0:1)$/.test(addressOf(address))

/** `db8:1` or `ffff:192.0.2.1`, which are two groups each of 16 bits, or three. */
const groupsOf = (part: string): number[] =>
  part.split(':').flatMap(group => {
    if (group === '') return []
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })

const bytesOf = (groups: readonly number[]): number[] => groups.flatMap(group => [group >> 8, group & 255])
