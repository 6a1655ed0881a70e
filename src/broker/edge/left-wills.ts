import type { Events } from '../../domain/events.ts'
import type { KeptWill, MqttStore } from '../../domain/mqtt-store.ts'
import { decidePublish } from '../../domain/policy.ts'
import { guest } from '../../domain/principal.ts'
import type { Authenticator } from '../../domain/sign-in.ts'
import type { StoredMessage } from '../../domain/stored-message.ts'
import { retainedOwner } from '../rights/retained-owner.ts'

/**
 * Sends the wills of connections that ended with an earlier broker, as far as whoever left them may still publish there: a token that has expired
 * does not matter, a revoked one does. A will that may not be sent is refused like a publish. To be called once, before the first connection. Rejects with a
 * fault of a store.
 */
export async function sendLeftWills(parts: {
  readonly store: MqttStore
  readonly authenticator: Pick<Authenticator, 'restore'>
  readonly publish: (message: StoredMessage, owner?: string) => Promise<void>
  readonly events: Events
}): Promise<void> {
  const { store, authenticator, publish, events } = parts

  /** Why the will may not be sent; undefined when it may. */
  async function refusal({ clientId, owner, message }: KeptWill): Promise<string | undefined> {
    if (!owner) return 'will-of-nobody'
    const principal = await authenticator.restore(owner)
    if (typeof principal === 'string') return principal
    const decision = decidePublish({ clientId, principal }, message.topic, message.retain)
    if (!decision.allowed) return decision.rule
    const counted = message.retain ? retainedOwner(principal) : undefined
    return counted !== undefined && !store.hasRoomFor(message, counted) ? 'retained-full' : undefined
  }

  for (const will of await store.keptWills()) {
    const { clientId, owner: principal = guest, message } = will
    const rule = await refusal(will)
    if (rule !== undefined)
      events.emit('publish-refused', { clientId, address: 'unknown', principal, topic: message.topic, rule })
    // In one transaction: killed right here again, the broker sends it once.
    await Promise.all([rule === undefined && publish(message, retainedOwner(principal)), store.delWill(clientId)])
  }
}
