import { parseAddress } from './ip-address.ts'
import { networkAt } from './network.ts'

/** A network that an address lies in, and how many times the limit of one address all of it may use. */
export interface CountedNetwork {
  readonly network: string
  readonly share: number
}

/**
 * The networks of IPv6 that limits count by. A /64 is one subscriber's, and counts as one address. Many subscribers have a /56 or a /48, with 256 or
 * 65,536 of them: 4 and 16 times leave room for the other subscribers of a provider that gives each a /64 out of one /48.
 */
const countedPrefixes = [
  { bits: 64, share: 1 },
  { bits: 56, share: 4 },
  { bits: 48, share: 16 },
]

/** What an address is counted as: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(text: string): string {
  const address = parseAddress(text)
  return address ? networkAt(address, address.family === 'ipv4' ? 32 : 64) : text
}

/** What limits for an address count by: an IPv4 address alone, or the /64, the /56 and the /48 of an IPv6 address. */
export function networksOf(text: string): readonly CountedNetwork[] {
  const address = parseAddress(text)
  if (address?.family !== 'ipv6') return [{ network: address?.quad ?? text, share: 1 }]
  return countedPrefixes.map(({ bits, share }) => ({ network: networkAt(address, bits), share }))
}
