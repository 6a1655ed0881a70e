import type { Random } from '../fuzz/random.ts'
import { type Flow, flowName } from './flows.ts'
import type { Member } from './open-fleet.ts'
import type { OnComplaint } from './soak-client.ts'

const mostInFlight = 10

/** What the fleet publishes. */
export interface Traffic {
  /** Publishes so many, of devices, phones and writers in turns; who is away or has much in flight is passed over. */
  publish(count: number): void
  /** Published and not acknowledged. */
  inFlight(): number
}

export function createTraffic(parts: {
  readonly members: readonly Member[]
  readonly random: Random
  readonly onComplaint: OnComplaint
}): Traffic {
  const { members, random, onComplaint } = parts
  const pending = new Map<string, number>()
  const senders = (kind: Member['kind']) => members.filter(member => member.kind === kind && member.sends.length > 0)
  const byKind = [senders('device'), senders('device'), senders('device'), senders('phone'), senders('writer')]
  const kinds = byKind.filter(found => found.length > 0)
  let inFlight = 0

  async function send({ client }: Member, flow: Flow): Promise<void> {
    const name = flowName(flow)
    const before = pending.get(name) ?? 0
    if (!client.isReady || before >= mostInFlight) return
    const count = (change: 1 | -1) => {
      inFlight += change
      pending.set(name, (pending.get(name) ?? 0) + change)
    }
    count(1)
    try {
      await client.publish(flow)
    } catch (cause) {
      if (flow.qos > 0) onComplaint(`failed: ${client.id} could not publish: ${String(cause)}`)
    }
    count(-1)
  }

  return {
    publish(count) {
      for (let n = 0; n < count; n++) {
        const member = random.pick(random.pick(kinds))
        void send(member, random.pick(member.sends))
      }
    },
    inFlight: () => inFlight,
  }
}
