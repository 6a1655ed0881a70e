import { isIP, isIPv6 } from 'node:net'

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

/** What an address is counted as: an IPv4 address, or the /64 of an IPv6 address. Quick: thousands are asked about in one turn. */
export function networkOf(address: string): string {
  const groups = groupsOf(address)
  return groups ? (mappedIn(groups) ?? networkText(groups, 64)) : address
}

/** What limits for an address count by: an IPv4 address alone, or the /64, the /56 and the /48 of an IPv6 address. */
export function networksOf(address: string): readonly CountedNetwork[] {
  const groups = groupsOf(address)
  const mapped = groups && mappedIn(groups)
  if (!groups || mapped !== undefined) return [{ network: mapped ?? address, share: 1 }]
  return countedPrefixes.map(({ bits, share }) => ({ network: networkText(groups, bits), share }))
}

/**
 * An address in the one spelling by which it is compared: all eight groups of an IPv6 address (`::1` is `0:0:0:0:0:0:0:1`), without the zone
 * of this machine; an IPv4 address that IPv6 carries (`::ffff:192.0.2.1`) as itself. What is no address is left as it is.
 */
export function addressOf(address: string): string {
  const groups = groupsOf(address)
  return groups ? (mappedIn(groups) ?? written(groups)) : address
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

/** The shortest network that operators may block, of IPv4 and of IPv6; the longest of IPv6 is one subscriber's /64. */
const blockable = { ipv4: { shortest: 24, longest: 32 }, ipv6: { shortest: 48, longest: 64 } } as const

/** A network that an operator blocks, in its one spelling: an address means what it is counted as. */
export interface BlockableNetwork {
  readonly network: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
}

/** Of an address, an IPv4 network of /24 to /32, or an IPv6 network of /48 to /64; undefined for any other text. */
export function parseBlockable(text: string): BlockableNetwork | undefined {
  const parsed = parseNetwork(text)
  if (!parsed) return undefined
  const { shortest, longest } = blockable[parsed.family]
  const bits = text.includes('/') ? parsed.prefix : longest
  if (bits < shortest || bits > longest) return undefined
  const { address, family } = parsed
  const [network = address] = networksAt(address, { ipv4: [bits], ipv6: [bits] })
  return { network, family, bits }
}

/** Every network that a block of one of these lengths would name an address by; the lengths of the other version of IP say nothing. */
export function networksAt(
  address: string,
  lengths: { readonly [version in 'ipv4' | 'ipv6']: Iterable<number> },
): string[] {
  const groups = groupsOf(address)
  const mapped = groups && mappedIn(groups)
  if (groups && mapped === undefined) return Array.from(lengths.ipv6, bits => networkText(groups, bits))
  return Array.from(lengths.ipv4, bits => quadText(mapped ?? address, bits))
}

/** The networks that hold every one that may be blocked and that an address lies in. */
export const widestOf = (address: string): string => networksAt(address, widest)[0] ?? address
const widest = { ipv4: [blockable.ipv4.shortest], ipv6: [blockable.ipv6.shortest] } as const

/**
 * Whether an address lies in a network, which is spelled as {@link parseBlockable} does; it is asked by what {@link networkOf} counts the address as, which
 * is quick: thousands are asked about in one turn.
 */
export function isInNetwork(network: string): (counted: string) => boolean {
  const [written = '', length] = network.split('/')
  if (length === undefined || (written.includes(':') && length === '64')) return counted => counted === network
  const bits = Number(length)
  if (!written.includes(':')) return counted => quadText(counted, bits) === network
  const [, shared = '', last = ''] = /^((?:\w+:){3})(\w+)/.exec(written) ?? []
  const mask = 0xffff & (0xffff << (64 - bits))
  const subnet = Number.parseInt(last, 16)
  return counted =>
    counted.startsWith(shared) && ((Number.parseInt(counted.slice(shared.length), 16) ^ subnet) & mask) === 0
}

/** True for an address that only this machine itself can come from. */
export const isLoopback = (address: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|0:0:0:0:0:0:0:1)$/.test(addressOf(address))

/** The eight groups of 16 bits of an IPv6 address; undefined for anything else. */
function groupsOf(address: string): number[] | undefined {
  if (!address.includes(':')) return undefined
  const zoneAt = address.indexOf('%')
  const literal = zoneAt < 0 ? address : address.slice(0, zoneAt)
  if (!isIPv6(literal)) return undefined
  const inHex = literal.includes('.') ? literal.replace(/[\d.]+$/, hexOf) : literal
  const groups = [0, 0, 0, 0, 0, 0, 0, 0]
  let at = 0
  let from = 0
  for (let i = 0; i <= inHex.length; i++) {
    if (i < inHex.length && inHex.charCodeAt(i) !== colon) continue
    if (i > from) groups[at++] = Number.parseInt(inHex.slice(from, i), 16)
    else if (i > 0 && i < inHex.length) at = 8 - groupsBehind(inHex, i + 1) // the gap
    from = i + 1
  }
  return groups
}

const colon = 0x3a

function groupsBehind(inHex: string, from: number): number {
  let count = from < inHex.length ? 1 : 0
  for (let i = from; i < inHex.length; i++) if (inHex.charCodeAt(i) === colon) count++
  return count
}

/** `c000:201` of `192.0.2.1`. */
function hexOf(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number)
  return `${hex(a * 256 + b)}:${hex(c * 256 + d)}`
}

const hex = (group: number): string => group.toString(16)

const written = ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0]: readonly number[]): string =>
  `${hex(a)}:${hex(b)}:${hex(c)}:${hex(d)}:${hex(e)}:${hex(f)}:${hex(g)}:${hex(h)}`

/** The first `bits` of an address, 48 to 64. */
const networkText = ([a = 0, b = 0, c = 0, d = 0]: readonly number[], bits: number): string =>
  `${hex(a)}:${hex(b)}:${hex(c)}:${hex(d & (0xffff << (64 - bits)))}::/${bits}`

/** The first `bits` of an IPv4 address, 24 to 32. */
function quadText(quad: string, bits: number): string {
  const dot = quad.lastIndexOf('.')
  if (bits === 32 || dot < 0) return quad
  return `${quad.slice(0, dot)}.${Number(quad.slice(dot + 1)) & (0xff << (32 - bits))}/${bits}`
}

/** The IPv4 address that an IPv6 address carries. */
function mappedIn([a, b, c, d, e, f, g = 0, h = 0]: readonly number[]): string | undefined {
  if (a || b || c || d || e || f !== 0xffff) return undefined
  return `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`
}
