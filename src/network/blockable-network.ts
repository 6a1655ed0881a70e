import { parseAddress } from './ip-address.ts'
import { networkAt, networkOfGroups, parseNetwork } from './network.ts'

/** The shortest network that operators may block, of IPv4 and of IPv6; the longest of IPv6 is one subscriber's /64. */
const blockable = { ipv4: { shortest: 24, longest: 32 }, ipv6: { shortest: 48, longest: 64 } } as const

/** A network that an operator blocks, in its one spelling: an address means what it is counted as. */
export interface BlockableNetwork {
  readonly network: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
}

/** Reads an address, an IPv4 network of /24 to /32, or an IPv6 network of /48 to /64; undefined for any other text. */
export function parseBlockable(text: string): BlockableNetwork | undefined {
  const parsed = parseNetwork(text)
  if (!parsed) return undefined
  const { address } = parsed
  const { shortest, longest } = blockable[address.family]
  const bits = text.includes('/') ? parsed.bits : longest
  if (bits < shortest || bits > longest) return undefined
  return { network: networkAt(address, bits), family: address.family, bits }
}

/** The networks of these lengths that an address lies in; the lengths of the other version of IP do not matter. */
export function networksAt(
  text: string,
  lengths: { readonly [family in 'ipv4' | 'ipv6']: Iterable<number> },
): string[] {
  const address = parseAddress(text)
  return address ? Array.from(lengths[address.family], bits => networkAt(address, bits)) : []
}

/** The widest network that an operator may block and that holds the address. */
export function widestOf(text: string): string {
  const address = parseAddress(text)
  return address ? networkAt(address, blockable[address.family].shortest) : text
}

/**
 * Says whether an address lies in a network, which is spelled as {@link parseBlockable} does. It is asked by what `networkOf` counts the address as,
 * which is quick: thousands are asked about in one turn.
 */
export function isInNetwork(network: string): (counted: string) => boolean {
  const [written = '', length] = network.split('/')
  if (length === undefined) return counted => counted === network
  const bits = Number(length)
  return written.includes(':')
    ? counted => counted.includes(':') && networkOfGroups(counted.split(':', 4).map(fromHex), bits) === network
    : counted => !counted.includes(':') && networkAt({ family: 'ipv4', quad: counted }, bits) === network
}

const fromHex = (group: string): number => Number.parseInt(group, 16)
