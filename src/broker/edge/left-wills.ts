import type { Events } from '../../domain/events.ts'
import type { Message } from '../../domain/message.ts'
import type { KeptWill } from '../../domain/mqtt-state/kept-wills.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { Outcome } from '../../domain/mqtt-state/write.ts'
import { decidePublish } from '../../domain/policy.ts'
import { guest } from '../../domain/principal.ts'
import type { Authenticator } from '../../domain/sign-in.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import { retainedOwner } from '../rights/retained-owner.ts'

/**
 * Sends the wills of connections that ended with an earlier broker, as far as their owners may still publish there: a token that has expired
 * does not matter, a revoked one does. A will that may not be sent is refused like a publish. To be called once, before the first connection. Rejects with a
 * fault of a store.
 */
export async function sendLeftWills(parts: {
  readonly store: Pick<MqttStore, 'wills'>
  readonly commits: Pick<GroupCommit, 'kept'>
  readonly authenticator: Pick<Authenticator, 'restore'>
  readonly publish: (message: Message, owner?: string) => Promise<Pick<Outcome, 'refused'>>
  readonly events: Events
}): Promise<void> {
  const { store, commits, authenticator, publish, events } = parts

  /** Why the will may not be sent; undefined when it may. */
  async function refusal({ clientId, owner, message }: KeptWill): Promise<string | undefined> {
    if (!owner) return 'will-of-nobody'
    const principal = await authenticator.restore(owner)
    if (typeof principal === 'string') return principal
    const decision = decidePublish({ clientId, principal }, message.topic, message.retain)
    return decision.allowed ? undefined : decision.rule
  }

  for (const will of await store.wills.all()) {
    const { clientId, owner: principal = guest, message } = will
    const refuse = (rule: string) =>
      events.emit('publish-refused', { clientId, address: 'unknown', principal, topic: message.topic, rule })
    const rule = await refusal(will)
    if (rule !== undefined) refuse(rule)
    // In one batch: if the broker is killed right here again, the will is still sent only once.
    const [sent] = await Promise.all([
      rule === undefined ? publish(message, retainedOwner(principal)) : undefined,
      commits.kept({ kind: 'will-gone', clientId }),
    ])
    if (sent?.refused) refuse('retained-full')
  }
}
