import type { KeptSessions } from './kept-sessions.ts'
import type { KeptWills } from './kept-wills.ts'
import type { RetainedMessages } from './retained-messages.ts'
import type { SessionQueues } from './session-queues.ts'
import type { StateStore } from './state-store.ts'
import type { Outcome, Write } from './write.ts'

/**
 * Keeps MQTT state: retained messages, stored sessions with their subscriptions and queues, incoming messages at QoS 2, wills, the states of devices.
 * Everything is written by {@link MqttStore.commit}; all else reads what is kept. Implemented by src/persistence.
 */
export interface MqttStore {
  /**
   * Does all of the batch, in its order, or nothing: resolves with the outcome of each write when all of it is kept; rejects when none of it is. One
   * batch at a time: the next is committed when this one is kept or undone.
   */
  commit(batch: readonly Write[]): Promise<readonly Outcome[]>
  readonly sessions: KeptSessions
  readonly queues: SessionQueues
  readonly retained: RetainedMessages
  readonly wills: KeptWills
  readonly states: StateStore
  /** Rejects, without waiting, when nothing can be kept now: the database is locked, the disk is full. */
  check(): Promise<void>
  close(): Promise<void>
}
