import type { QueuedMessage } from '../../domain/mqtt-state/session-queues.ts'

/** A row of the queue that is being sent. */
export interface OutgoingRow {
  readonly queued: QueuedMessage
  readonly qos: 1 | 2
  readonly messageId: number
}
