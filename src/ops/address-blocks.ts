import { networkOf } from '../domain/network.ts'
import type { Clock } from '../domain/request.ts'

export interface AddressBlock {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly network: string
  readonly sinceMs: number
  readonly untilMs: number
  /** Sockets and sign-ins refused because of it. */
  readonly refused: number
}

/** Addresses that operators keep out for a time. In memory: a restart forgets them. */
export interface AddressBlocks {
  /** Asked of every new socket; counts what it refuses. */
  refuses(address: string): boolean
  /** Until when, in milliseconds since 1970; 'full' when so many are blocked. One that is blocked already is blocked anew. */
  block(address: string, minutes: number): number | 'full'
  /** False when it was not blocked. */
  unblock(address: string): boolean
  all(): readonly AddressBlock[]
}

export const mostBlocks = 1000

/** Begins with none. */
export function createAddressBlocks(now: Clock): AddressBlocks {
  const blocks = new Map<string, { network: string; sinceMs: number; untilMs: number; refused: number }>()

  function forgetEnded(): void {
    for (const [network, { untilMs }] of blocks) if (untilMs <= now()) blocks.delete(network)
  }

  return {
    refuses(address) {
      if (blocks.size === 0) return false
      const block = blocks.get(networkOf(address))
      if (!block || block.untilMs <= now()) return false
      block.refused++
      return true
    },
    block(address, minutes) {
      forgetEnded()
      const network = networkOf(address)
      if (blocks.size >= mostBlocks && !blocks.has(network)) return 'full'
      const sinceMs = now()
      const untilMs = sinceMs + minutes * 60_000
      blocks.set(network, { network, sinceMs, untilMs, refused: blocks.get(network)?.refused ?? 0 })
      return untilMs
    },
    unblock(address) {
      forgetEnded()
      return blocks.delete(networkOf(address))
    },
    all() {
      forgetEnded()
      return [...blocks.values()]
    },
  }
}
