import { BlockList, isIP } from 'node:net'
import { addressOf, parseAddress, spelled } from '../network/ip-address.ts'
import { parseNetwork } from '../network/network.ts'

/** The proxies that are trusted to name the client. */
export interface TrustedProxies {
  trusts(address: string): boolean
  /**
   * The client of a request that `peer` passes on with this X-Forwarded-For: from the right, the first address that is not a trusted proxy. Stops at
   * anything that is not an address.
   */
  clientOf(peer: string, forwardedFor: string | undefined): string
}

/** `networks` are addresses (`192.0.2.1`) and networks (`10.0.0.0/8`, `fd00::/8`). Throws for any other text. */
export function createTrustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const network of networks) {
    const parsed = parseNetwork(network)
    if (!parsed) throw new TypeError(`neither an address nor a network: ${network}`)
    list.addSubnet(spelled(parsed.address), parsed.bits, parsed.address.family)
  }

  function trusts(address: string): boolean {
    const parsed = networks.length > 0 ? parseAddress(address) : undefined
    return parsed !== undefined && list.check(spelled(parsed), parsed.family)
  }

  return {
    trusts,
    clientOf(peer, forwardedFor) {
      let client = peer
      for (const said of (forwardedFor ?? '').split(',').reverse()) {
        const next = addressIn(said)
        if (next === undefined || !trusts(client)) break
        client = next
      }
      return client
    },
  }
}

/** Reads an address that may have a port, as some proxies add it: `192.0.2.1:4711`, `[2001:db8::1]:4711`. Undefined for any other text. */
function addressIn(said: string): string | undefined {
  const text = said.trim()
  const [, literal = text] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? /^([\d.]+):\d{1,5}$/.exec(text) ?? []
  return isIP(literal) === 0 ? undefined : addressOf(literal)
}
