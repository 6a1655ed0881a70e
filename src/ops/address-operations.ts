import { type Events, originOf } from '../domain/events.ts'
import { inTurns } from '../domain/in-turns.ts'
import { networkOf } from '../domain/network.ts'
import type { OpenSessions } from '../domain/open-sessions.ts'
import { refuse } from '../domain/refusal.ts'
import type { Handlers } from '../domain/request.ts'
import { type AddressBlocks, mostBlocks } from './address-blocks.ts'

interface Options {
  readonly blocks: AddressBlocks
  readonly sessions: Pick<OpenSessions, 'all' | 'endWhere'>
  readonly events: Events
}

/** Answers operators who keep an address out. */
export function createAddressOperations({
  blocks,
  sessions,
  events,
}: Options): Handlers<'ops/address/block' | 'ops/address/unblock' | 'ops/addresses'> {
  /** The addresses of open sessions that lie in a network, which is blocked already. */
  async function addressesIn(network: string): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    await inTurns(sessions.all(), ({ address }) => {
      if (networkOf(address) === network) found.add(address)
    })
    return found
  }

  return {
    async 'ops/address/block'({ address, minutes }, context) {
      const network = networkOf(address)
      if (network === networkOf(context.address)) return refuse(4003, { detail: 'address: it is your own' })
      const until = blocks.block(address, minutes)
      if (until === 'full') return refuse(4029, { detail: `${mostBlocks} addresses`, retryAfterSeconds: 60 })
      const addresses = await addressesIn(network)
      const ended = sessions.endWhere(session => addresses.has(session.address), 'address-blocked')
      events.emit('address-blocked', { network })
      events.emit('acted', {
        ...originOf(context),
        kind: 'address/block',
        target: { kind: 'address', id: network },
        detail: `${minutes} min`,
      })
      return { network, until, ended }
    },

    async 'ops/address/unblock'({ address }, context) {
      const network = networkOf(address)
      if (!blocks.unblock(address)) return refuse(3001, { detail: network })
      events.emit('acted', { ...originOf(context), kind: 'address/unblock', target: { kind: 'address', id: network } })
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
