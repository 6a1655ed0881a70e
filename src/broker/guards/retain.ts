import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'

interface Options {
  readonly store: Pick<MqttStore, 'storeRetained'>
  onFault(where: string, cause: unknown): void
}

/** Retains what nobody waits for: a fault of the store goes to the log. */
export const createRetain =
  ({ store, onFault }: Options) =>
  (message: Message, owner?: string): void => {
    try {
      store.storeRetained(message, owner)
    } catch (cause) {
      onFault('store retained', cause)
    }
  }
