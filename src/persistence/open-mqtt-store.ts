import type { MqttStore } from '../domain/mqtt-store.ts'
import type { QueueLimits } from '../domain/session-queues.ts'
import { isDamagedFile } from '../sqlite/open-sqlite.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { createGroupCommit } from './group-commit.ts'
import { createIncomingMessages } from './incoming-messages.ts'
import { createLongRemovals } from './long-removals.ts'
import { DamagedDatabase, prepareSchema, touch } from './mqtt-schema.ts'
import { createRetainedMessages, type RetainedLimits } from './retained-messages.ts'
import { createSessionQueues, type OnDropped } from './session-queues.ts'
import { createSessionRecords } from './session-records.ts'
import { createStateRecords } from './state-records.ts'
import { createStoredSubscriptions } from './stored-subscriptions.ts'
import { createWillRecords } from './will-records.ts'

export interface MqttStoreOptions {
  readonly queue: QueueLimits
  readonly onDropped?: OnDropped
  /** Told how long each commit took. */
  readonly onCommit?: (durationMs: number) => void
  /** Told what failed once something was committed or undone, and could not be told to who wrote it. */
  readonly onFault?: (cause: unknown) => void
  /** Unbounded when not given. */
  readonly retained?: RetainedLimits
}

const unbounded: RetainedLimits = { maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/**
 * MQTT's own state in `mqtt.db`, which this takes over and closes. What one turn of the event loop writes is one transaction. Throws when
 * the file is no database of ours or a newer program's.
 */
export function openMqttStore(
  sqlite: Database,
  { queue, onDropped = () => {}, onCommit, onFault, retained: retainedLimits = unbounded }: MqttStoreOptions,
): MqttStore {
  prepareSchema(sqlite)
  const commit = createGroupCommit(sqlite, { onCommit, onFault })
  const retained = createRetainedMessages(sqlite, retainedLimits)
  const states = createStateRecords(sqlite, retained)
  const sessions = createSessionRecords(sqlite)
  const subscriptions = createStoredSubscriptions(sqlite)
  const queues = createSessionQueues(sqlite, commit, queue, onDropped)
  const incoming = createIncomingMessages(sqlite)
  const wills = createWillRecords(sqlite)
  const removals = createLongRemovals(commit)
  /** Sessions of which much is being removed, at the end the session itself. */
  const forgetting = new Set<string>()

  /** Writes, and waits until it is kept. */
  async function kept<T>(work: () => T): Promise<T> {
    const result = commit.write(work)
    await commit.committed()
    return result
  }

  function forget(clientId: string): void {
    forgetting.delete(clientId)
    sessions.forget(clientId)
    subscriptions.clean(clientId)
    queues.forget(clientId)
    incoming.clean(clientId)
  }

  return {
    queues,
    storeRetained: (message, owner) => commit.write(() => retained.store(message, owner)),
    hasRoomFor: (message, owner) => retained.hasRoomFor(message, owner),
    retainedOn: topic => retained.on(topic),
    retainedTopics: retained.topicsOf,
    states: {
      devices: states.devices,
      of: states.of,
      put: (deviceId, tenure, state) => kept(() => states.put(deviceId, tenure, state)),
      takeOver(taken) {
        commit.flush()
        const synchronous = Number(sqlite.pragma('synchronous', { simple: true }))
        sqlite.pragma('synchronous = FULL')
        sqlite.transaction(() => {
          for (const [deviceId, { tenure, state }] of taken) states.put(deviceId, tenure, state)
        })()
        sqlite.pragma(`synchronous = ${synchronous}`)
      },
    },

    addSubscriptions(client, added) {
      removals.end(client.id)
      return kept(() => subscriptions.add(client.id, added))
    },
    removeSubscriptions: (client, filters) => kept(() => subscriptions.remove(client.id, filters)),
    noteFed: ({ id }, filter, unfedAfter) => commit.write(() => subscriptions.noteFed(id, filter, unfedAfter)),
    async cleanSubscriptions({ id }) {
      if (subscriptions.hasAny(id)) await removals.run(id, () => subscriptions.cleanSome(id))
    },
    subscriptionsByClient: async client => subscriptions.ofClient(client.id),

    async cleanIncoming({ id }) {
      if (incoming.count(id) > 0) await kept(() => incoming.clean(id))
    },
    receive(clientId, messageId, window) {
      if (incoming.has(clientId, messageId)) return 'known'
      if (incoming.count(clientId) >= window) return 'full'
      commit.write(() => incoming.begin(clientId, messageId))
      return 'new'
    },
    release(clientId, messageId) {
      const isBegun = incoming.has(clientId, messageId)
      if (isBegun) commit.write(() => incoming.remove(clientId, messageId))
      return isBegun
    },

    putWill: (clientId, will, owner) => kept(() => wills.put(clientId, will, owner)),
    delWill: async clientId => {
      if (wills.has(clientId)) await kept(() => wills.remove(clientId))
    },
    keptWills: async () => wills.all(),

    keepSession: session =>
      kept(() => {
        removals.end(session.clientId)
        if (forgetting.has(session.clientId)) forget(session.clientId)
        sessions.keep(session)
      }),
    async forgetSession({ id }) {
      if (subscriptions.hasMany(id)) {
        forgetting.add(id)
        if (!(await removals.run(id, () => subscriptions.cleanSome(id)))) return
      }
      await kept(() => forget(id))
    },
    keptSessions: async () => sessions.all(),

    keep(work, whenKept, undone) {
      const before = commit.undone
      try {
        const result = work()
        if (commit.undone !== before) throw commit.fault
        commit.afterCommit(
          () => whenKept(result),
          () => undone(commit.fault),
        )
      } catch (cause) {
        undone(cause)
      }
    },
    async whenKept<T>(work: () => T): Promise<Awaited<T>> {
      const before = commit.undone
      const result = await work()
      await commit.committed()
      if (commit.undone !== before) throw new Error('the store could not keep it', { cause: commit.fault })
      return result
    },
    afterCommit: commit.afterCommit,
    check() {
      commit.flush()
      commit.write(() => touch(sqlite))
      commit.flush()
      if (commit.fault) throw commit.fault
    },
    async destroy() {
      commit.flush()
      sqlite.close()
    },
  }
}

/** True when an error of opening means that the file itself is not what it should be. */
export const isDamaged = (error: unknown): boolean => error instanceof DamagedDatabase || isDamagedFile(error)
