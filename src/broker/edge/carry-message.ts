import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { PassedMessage } from '../rights/publish-guard.ts'
import type { Seen } from '../rights/seen.ts'
import type { Router } from '../router/router.ts'

/** Carries out what a message asks for: retains it, folds a report, sends it to its readers. */
export interface CarryMessage {
  /** At any QoS, within the turn's transaction. Throws with a fault of the store. */
  kept(passed: PassedMessage): void
  /** At QoS 0, where nobody waits for what is retained: a fault of the store goes to the log. */
  unkept(passed: PassedMessage): void
}

export function createCarryMessage(parts: {
  readonly store: Pick<MqttStore, 'storeRetained'>
  readonly seen: Seen
  readonly router: Pick<Router, 'route'>
  readonly onFault: (where: string, cause: unknown) => void
}): CarryMessage {
  const { store, seen, router, onFault } = parts

  function retain({ message, owner }: PassedMessage): void {
    if (message.retain) store.storeRetained(message, owner)
  }

  function route({ message, isState }: PassedMessage): void {
    const forReaders = isState ? seen(message) : message
    if (forReaders) router.route(forReaders)
  }

  return {
    kept(passed) {
      retain(passed)
      route(passed)
    },
    unkept(passed) {
      try {
        retain(passed)
      } catch (cause) {
        onFault('store retained', cause)
      }
      route(passed)
    },
  }
}
