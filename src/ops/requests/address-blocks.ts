import type { Orders } from '../../domain/orders.ts'
import type { Clock } from '../../domain/request.ts'
import { type BlockableNetwork, networksAt } from '../../network/blockable-network.ts'

export interface AddressBlock {
  /** An IPv4 address, or a network: IPv4 from /24 on, IPv6 from /48 to /64. */
  readonly network: string
  readonly sinceMs: number
  readonly untilMs: number
  /** Sockets and sign-ins that it has refused. */
  readonly refused: number
}

/** Addresses that operators block for a time. They are in memory: a restart clears them. */
export interface AddressBlocks {
  /** Asked for every new socket; counts what it refuses. Costs one look-up for each prefix length in use, however many networks are blocked. */
  refuses(address: string): boolean
  /** True when no further network can be blocked, and this one is not. */
  isFullFor(network: string): boolean
  /** True for exactly this network, not for one inside it. */
  isBlocked(network: string): boolean
  all(): readonly AddressBlock[]
}

export const maxBlocks = 1000

/** Begins empty and obeys orders from now on. Blocking a blocked network starts its time again. */
export function createAddressBlocks(orders: Pick<Orders, 'obey'>, now: Clock): AddressBlocks {
  const blocks = new Map<string, BlockableNetwork & { sinceMs: number; untilMs: number; refused: number }>()
  /** The prefix lengths in use. */
  const lengths = { ipv4: new Set<number>(), ipv6: new Set<number>() }

  function remove(network: string): void {
    blocks.delete(network)
    lengths.ipv4.clear()
    lengths.ipv6.clear()
    for (const { family, bits } of blocks.values()) lengths[family].add(bits)
  }

  function forgetEnded(): void {
    const ended = [...blocks.values()].filter(({ untilMs }) => untilMs <= now())
    for (const { network } of ended.slice(1)) blocks.delete(network)
    if (ended[0]) remove(ended[0].network)
  }

  orders.obey({
    'address-blocked'(wanted) {
      const { network, family, bits } = wanted
      blocks.set(network, { ...wanted, sinceMs: now(), refused: blocks.get(network)?.refused ?? 0 })
      lengths[family].add(bits)
    },
    'address-unblocked': ({ network }) => remove(network),
  })

  return {
    refuses(address) {
      if (blocks.size === 0) return false
      for (const network of networksAt(address, lengths)) {
        const block = blocks.get(network)
        if (!block || block.untilMs <= now()) continue
        block.refused++
        return true
      }
      return false
    },
    isFullFor(network) {
      forgetEnded()
      return blocks.size >= maxBlocks && !blocks.has(network)
    },
    isBlocked(network) {
      forgetEnded()
      return blocks.has(network)
    },
    all() {
      forgetEnded()
      return [...blocks.values()].map(({ family: _family, bits: _bits, ...block }) => block)
    },
  }
}
