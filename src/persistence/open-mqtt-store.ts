import type { MqttStore } from '../domain/mqtt-state/mqtt-store.ts'
import type { QueueLimits } from '../domain/mqtt-state/session-queues.ts'
import { onlyNode } from '../domain/node.ts'
import { isDamagedFile } from '../sqlite/open-sqlite.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { createIncomingMessages } from './incoming-messages.ts'
import { createLongRemovals } from './long-removals.ts'
import { DamagedDatabase, prepareSchema, touch } from './mqtt-schema.ts'
import { createRetainedMessages, type RetainedLimits } from './retained-messages.ts'
import { createSessionQueues, type OnDropped } from './session-queues.ts'
import { createSessionRecords } from './session-records.ts'
import { createStateRecords } from './state-records.ts'
import { createStoredSubscriptions } from './stored-subscriptions.ts'
import { createTransactions } from './transactions.ts'
import { createWillRecords } from './will-records.ts'
import { createWriter } from './write-batch.ts'

export interface MqttStoreOptions {
  readonly queue: QueueLimits
  readonly onDropped?: OnDropped
  /** Told how long each commit took. */
  readonly onCommit?: (durationMs: number) => void
  /** Told of a failure that no caller waits for. */
  readonly onFault?: (cause: unknown) => void
  /** Unbounded when missing. */
  readonly retained?: RetainedLimits
  /** The name under which this process owns sessions and wills, among several that share a store. */
  readonly node?: string
}

const unbounded: RetainedLimits = { maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/**
 * MQTT's own state in the open database `mqtt.db`, which this owns from now on and closes. A batch is one transaction, done within the call. Throws when
 * the file is no database of ours, or a newer program's.
 */
export function openMqttStore(sqlite: Database, options: MqttStoreOptions): MqttStore {
  const { queue, onDropped = () => {}, onCommit, onFault = () => {}, node = onlyNode } = options
  prepareSchema(sqlite)
  const transactions = createTransactions(sqlite, onCommit)
  const retained = createRetainedMessages(sqlite, options.retained ?? unbounded)
  const states = createStateRecords(sqlite, retained)
  const sessions = createSessionRecords(sqlite, node)
  const subscriptions = createStoredSubscriptions(sqlite)
  const queues = createSessionQueues(sqlite, transactions, queue, onDropped)
  const incoming = createIncomingMessages(sqlite)
  const wills = createWillRecords(sqlite, node)
  const removals = createLongRemovals(transactions, subscriptions, onFault)
  const { leave, arrive } = removals
  const write = createWriter({ retained, states, sessions, subscriptions, queues, incoming, wills, leave, arrive })
  transactions.run(subscriptions.cleanOrphans)

  return {
    commit: async batch => transactions.run(() => batch.map(write)),
    sessions: {
      all: async () =>
        sessions.all().map(session => ({
          ...session,
          subscriptions: subscriptions.ofClient(session.clientId),
          begun: incoming.of(session.clientId),
        })),
    },
    queues: {
      page: async (clientId, afterSeq, bounds) => queues.page(clientId, afterSeq, bounds),
      lastSeq: async clientId => queues.lastSeq(clientId),
      sizeOf: async clientId => queues.sizeOf(clientId),
      unfinishedFanOuts: async () => queues.unfinishedFanOuts(),
    },
    retained: {
      topicsOf: async (filter, from) => retained.topicsOf(filter, from),
      on: async topics => topics.map(retained.on),
      expired: async atMs => retained.expired(atMs),
    },
    wills: { all: async () => wills.all() },
    states: {
      all: async () => states.all(),
      async takeOver(taken) {
        const synchronous = Number(sqlite.pragma('synchronous', { simple: true }))
        sqlite.pragma('synchronous = FULL')
        transactions.run(() => {
          for (const [deviceId, { tenure, state }] of taken) states.put(deviceId, tenure, state)
        })
        sqlite.pragma(`synchronous = ${synchronous}`)
      },
    },
    check: async () => transactions.run(() => touch(sqlite)),
    async close() {
      removals.stop()
      sqlite.close()
    },
  }
}

/** True when an error on opening means that the file itself is not what it should be. */
export const isDamaged = (error: unknown): boolean => error instanceof DamagedDatabase || isDamagedFile(error)
