import type { Events } from '../../domain/events.ts'
import type { Message } from '../../domain/message.ts'
import type { KeptWill } from '../../domain/mqtt-state/kept-wills.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { Outcome } from '../../domain/mqtt-state/write.ts'
import { decidePublish } from '../../domain/policy.ts'
import { guest } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import type { Authenticator } from '../../domain/sign-in.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import { retainedOwner } from '../rights/retained-owner.ts'

/**
 * The wills of connections that have ended and whose time has not come (MQTT 5 section 3.1.3.2.2), and of those that ended with an earlier broker. They
 * are sent as far as their owners may still publish there: a token that has expired does not matter, a revoked one does. A will that may not be sent is
 * refused like a publish.
 */
export interface DueWills {
  /**
   * Takes up what an earlier broker has left: sends what is due, and waits with the rest. To be called once, before the first connection. Rejects with a
   * fault of a store.
   */
  takeUp(): Promise<void>
  /** Keeps a will until it is due; a second one by the same client id takes its place. */
  delay(will: DelayedWill): void
  /** The session goes on: its will is not sent. */
  cancel(clientId: string): void
  /** The session is no more: its will is due now. */
  sessionEnded(clientId: string): void
  stop(): void
}

export type DelayedWill = KeptWill & Required<Pick<KeptWill, 'owner' | 'dueAtMs'>>

const lookEveryMs = 1000
const sentAtOnce = 64

export function createDueWills(parts: {
  readonly store: Pick<MqttStore, 'wills'>
  readonly commits: Pick<GroupCommit, 'kept' | 'write'>
  readonly authenticator: Pick<Authenticator, 'restore'>
  readonly publish: (message: Message, owner?: string) => Promise<Pick<Outcome, 'refused'>>
  /** Whether a will of an open connection is kept under the client id. */
  readonly isKept: (clientId: string) => boolean
  readonly events: Events
  readonly onFault: (where: string, cause: unknown) => void
  readonly now: Clock
}): DueWills {
  const { store, commits, authenticator, publish, isKept, events, onFault, now } = parts
  const delayed = new Map<string, KeptWill & { readonly dueAtMs: number }>()
  let timer: NodeJS.Timeout | undefined

  /** Why the will may not be sent; undefined when it may. */
  async function refusal({ clientId, owner, message }: KeptWill): Promise<string | undefined> {
    if (!owner) return 'will-of-nobody'
    const principal = await authenticator.restore(owner)
    if (typeof principal === 'string') return principal
    const decision = decidePublish({ clientId, principal }, message.topic, message.retain)
    return decision.allowed ? undefined : decision.rule
  }

  async function send(will: KeptWill): Promise<void> {
    const { clientId, owner: principal = guest, message, expirySeconds } = will
    const refuse = (rule: string) =>
      events.emit('publish-refused', { clientId, address: 'unknown', principal, topic: message.topic, rule })
    const rule = await refusal(will)
    if (rule !== undefined) refuse(rule)
    const expiresAtMs = expirySeconds === undefined ? {} : { expiresAtMs: now() + expirySeconds * 1000 }
    // In one batch: if the broker is killed right here again, the will is still sent only once.
    const [sent] = await Promise.all([
      rule === undefined ? publish({ ...message, ...expiresAtMs }, retainedOwner(principal)) : undefined,
      isKept(clientId) || delayed.has(clientId) ? undefined : commits.kept({ kind: 'will-gone', clientId }),
    ])
    if (sent?.refused) refuse('retained-full')
  }

  function sendNow(wills: readonly KeptWill[]): void {
    for (const will of wills) send(will).catch(cause => onFault('sending a will', cause))
  }

  /** As many as are sent at once; the others follow in a moment. */
  function look(): void {
    timer = undefined
    const due: KeptWill[] = []
    for (const will of delayed.values()) {
      if (will.dueAtMs > now()) continue
      due.push(will)
      if (due.length === sentAtOnce) break
    }
    for (const { clientId } of due) delayed.delete(clientId)
    sendNow(due)
    arm(due.length === sentAtOnce ? 0 : lookEveryMs)
  }

  function arm(afterMs = lookEveryMs): void {
    if (delayed.size > 0) timer ??= setTimeout(look, afterMs).unref()
  }

  function wait(will: KeptWill & { readonly dueAtMs: number }): void {
    delayed.set(will.clientId, will)
    arm()
  }

  return {
    async takeUp() {
      for (const will of await store.wills.all()) {
        const { delaySeconds = 0 } = will
        const dueAtMs = will.dueAtMs ?? now() + delaySeconds * 1000
        if (dueAtMs <= now()) {
          await send(will)
          continue
        }
        wait({ ...will, dueAtMs })
        const { owner } = will
        if (will.dueAtMs === undefined && owner) await commits.kept({ kind: 'will', will: { ...will, owner, dueAtMs } })
      }
    },
    delay(will) {
      commits.write({ kind: 'will', will }, undefined, cause => onFault('store will', cause))
      wait(will)
    },
    cancel(clientId) {
      if (!delayed.delete(clientId) || isKept(clientId)) return
      commits.write({ kind: 'will-gone', clientId }, undefined, cause => onFault('store will', cause))
    },
    sessionEnded(clientId) {
      const will = delayed.get(clientId)
      delayed.delete(clientId)
      if (will) sendNow([will])
    },
    stop() {
      clearTimeout(timer)
      delayed.clear()
    },
  }
}
