import type { Events } from '../../domain/events.ts'
import type { OpenSessions } from '../../domain/open-sessions.ts'
import type { Orders } from '../../domain/orders.ts'
import { originOf } from '../../domain/origin.ts'
import { type Refusal, refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import { isInNetwork, parseBlockable } from '../../network/blockable-network.ts'
import { networkOf } from '../../network/counted-networks.ts'
import { inTurns } from '../../turns/in-turns.ts'
import { type AddressBlocks, maxBlocks } from './address-blocks.ts'

interface Options {
  readonly blocks: AddressBlocks
  readonly sessions: Pick<OpenSessions, 'all' | 'endFrom'>
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
}

/** Lets operators block addresses. */
export function createAddressOperations({
  blocks,
  sessions,
  events,
  orders,
  now,
}: Options): Handlers<'ops/address/block' | 'ops/address/unblock' | 'ops/addresses'> {
  /** The addresses of open sessions in a network. */
  async function addressesIn(isIn: (counted: string) => boolean): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    await inTurns(await sessions.all(), ({ address }) => {
      if (isIn(networkOf(address))) found.add(address)
    })
    return found
  }

  return {
    async 'ops/address/block'({ address, minutes }, context) {
      const wanted = parseBlockable(address)
      if (!wanted) return noNetwork
      const { network } = wanted
      const isIn = isInNetwork(network)
      if (isIn(networkOf(context.address)))
        return refuse(4003, { detail: 'address: it is, or contains, your own address' })
      if (blocks.isFullFor(network)) return refuse(4029, { detail: `${maxBlocks} addresses`, retryAfterSeconds: 60 })
      const untilMs = now() + minutes * 60_000
      await orders.give('address-blocked', { ...wanted, untilMs })
      const ended = await sessions.endFrom(await addressesIn(isIn), 'address-blocked')
      await orders.give('network-closed', { network })
      events.emit('acted', {
        ...originOf(context),
        kind: 'address/block',
        target: { kind: 'address', id: network },
        detail: `${minutes} min`,
      })
      return { network, until: untilMs, ended }
    },

    async 'ops/address/unblock'({ address }, context) {
      const wanted = parseBlockable(address)
      if (!wanted) return noNetwork
      const { network } = wanted
      if (!blocks.isBlocked(network)) return refuse(3001, { detail: network })
      const obeyed = orders.give('address-unblocked', wanted)
      events.emit('acted', { ...originOf(context), kind: 'address/unblock', target: { kind: 'address', id: network } })
      await obeyed
      return {}
    },

    async 'ops/addresses'() {
      return {
        blocked: blocks.all().map(({ network, sinceMs, untilMs, refused }) => {
          return { network, since: sinceMs, until: untilMs, refused }
        }),
      }
    },
  }
}

/** For text that matches the contract's pattern but is no network: an IPv4 address in IPv6 with a prefix. */
const noNetwork: Refusal<4000> = refuse(4000, { detail: 'address: must be an address, or a network of its version' })
