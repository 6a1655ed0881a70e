import type { Random } from '../fuzz/random.ts'
import { type Flow, flowName } from './flows.ts'
import type { Member } from './open-fleet.ts'
import type { OnComplaint } from './soak-client.ts'

const maxInFlight = 10

/** What the fleet publishes. */
export interface Traffic {
  /** Publishes so many, of devices, phones and writers in turns; who is away or has much in flight is passed over. */
  publish(count: number): void
  /** The flow and QoS of each message that is published and not acknowledged. */
  inFlight(): readonly string[]
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
  const inFlight = new Map<symbol, string>()

  async function send({ client }: Member, flow: Flow): Promise<void> {
    const name = flowName(flow)
    const before = pending.get(name) ?? 0
    if (!client.isReady || before >= maxInFlight) return
    const message = Symbol(name)
    inFlight.set(message, `${name} at QoS ${flow.qos}`)
    pending.set(name, before + 1)
    try {
      await client.publish(flow)
    } catch (cause) {
      if (flow.qos > 0) onComplaint(`failed: ${client.id} could not publish: ${String(cause)}`)
    }
    inFlight.delete(message)
    pending.set(name, (pending.get(name) ?? 0) - 1)
  }

  return {
    publish(count) {
      for (let n = 0; n < count; n++) {
        const member = random.pick(random.pick(kinds))
        void send(member, random.pick(member.sends))
      }
    },
    inFlight: () => [...inFlight.values()],
  }
}
