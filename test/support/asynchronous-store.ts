import type { Message } from '../../src/domain/message.ts'
import type { LeftSession, StoredSubscription } from '../../src/domain/mqtt-state/kept-sessions.ts'
import type { KeptWill } from '../../src/domain/mqtt-state/kept-wills.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import type { QueueLimits } from '../../src/domain/mqtt-state/session-queues.ts'
import type { KeptState } from '../../src/domain/mqtt-state/state-store.ts'
import { kept, type MessageWrite, type Outcome, type Write } from '../../src/domain/mqtt-state/write.ts'
import { parseTopic, topics } from '../../src/protocol/topics.ts'
import { createQueuesInMemory } from './queues-in-memory.ts'
import { createRetainedInMemory } from './retained-in-memory.ts'

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Answers a turn later, as a database across a network does. */
async function later<T>(answer: () => T): Promise<T> {
  await nextTurn()
  const result = answer()
  await nextTurn()
  return result
}

export interface AsynchronousStoreOptions {
  readonly queue?: QueueLimits
  readonly retained?: QueueLimits
}

const unbounded: QueueLimits = { maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/** A second implementation of the store's ports: in memory, and every answer comes later than the turn in which it was asked for. */
export function createAsynchronousStore({
  queue = unbounded,
  retained: limits = unbounded,
}: AsynchronousStoreOptions = {}): MqttStore {
  const retained = createRetainedInMemory(limits)
  const queues = createQueuesInMemory(queue)
  const sessions = new Map<string, Omit<LeftSession, 'subscriptions' | 'begun'>>()
  const subscriptions = new Map<string, Map<string, StoredSubscription>>()
  const begun = new Map<string, Set<number>>()
  const wills = new Map<string, KeptWill>()
  const tenures = new Map<string, string>()

  const subscriptionsOf = (clientId: string) =>
    entryOf(subscriptions, clientId, () => new Map<string, StoredSubscription>())
  const begunOf = (clientId: string) => entryOf(begun, clientId, () => new Set<number>())

  function putMessage({ retained: one, queued = [] }: MessageWrite): Outcome {
    if (one && !retained.put(one.message, one.owner)) return { refused: 'no-room', given: [] }
    return { given: queued.map(queues.add) }
  }

  function putState(deviceId: string, tenure: string, state: string): void {
    retained.put({ topic: topics.state(deviceId), payload: Buffer.from(state), qos: 1, retain: true })
    if (state === '') tenures.delete(deviceId)
    else tenures.set(deviceId, tenure)
  }

  function forget(clientId: string): void {
    for (const records of [sessions, subscriptions, begun]) records.delete(clientId)
    queues.forget(clientId)
  }

  function feed(clientId: string, filter: string, unfedAfter: string | undefined): void {
    const before = subscriptionsOf(clientId).get(filter)
    if (!before) return
    const { unfedAfter: _before, ...subscription } = before
    subscriptionsOf(clientId).set(filter, { ...subscription, ...(unfedAfter !== undefined && { unfedAfter }) })
  }

  function change(write: Exclude<Write, { kind: 'message' | 'give' }>): unknown {
    switch (write.kind) {
      case 'sent':
        return queues.noteSent(write.clientId, write.seq)
      case 'received':
        return queues.noteReceived(write.clientId, write.seq)
      case 'acknowledged':
        return queues.remove(write.clientId, write.seq)
      case 'begun':
        return begunOf(write.clientId).add(write.messageId)
      case 'released':
        return begunOf(write.clientId).delete(write.messageId)
      case 'session':
        return sessions.set(write.session.clientId, write.session)
      case 'forgotten':
        return forget(write.clientId)
      case 'subscribed':
        for (const one of write.subscriptions) subscriptionsOf(write.clientId).set(one.topic, one)
        return
      case 'unsubscribed':
        for (const filter of write.filters) subscriptionsOf(write.clientId).delete(filter)
        return
      case 'fed':
        return feed(write.clientId, write.filter, write.unfedAfter)
      case 'will':
        return wills.set(write.will.clientId, write.will)
      case 'will-gone':
        return wills.delete(write.clientId)
      case 'retained-expired':
        return retained.removeExpired(write.topic, write.atMs)
      case 'state':
        return putState(write.deviceId, write.tenure, write.state)
    }
  }

  function outcomeOf(write: Write): Outcome {
    if (write.kind === 'message') return putMessage(write)
    if (write.kind === 'give') return { given: [queues.give(write)] }
    change(write)
    return kept
  }

  function keptStates(): ReadonlyMap<string, KeptState> {
    const devices = [...retained.topics()].flatMap(topic => {
      const parsed = parseTopic(topic)
      return parsed?.kind === 'state' ? [parsed.deviceId] : []
    })
    return new Map(
      [...new Set([...devices, ...tenures.keys()])].map(deviceId => {
        const tenure = tenures.get(deviceId)
        const message: Message | undefined = retained.on(topics.state(deviceId))
        return [deviceId, { state: message?.payload.toString() ?? '', ...(tenure !== undefined && { tenure }) }]
      }),
    )
  }

  return {
    commit: batch => later(() => batch.map(outcomeOf)),
    sessions: {
      all: () =>
        later(() =>
          [...sessions.values()].map(session => ({
            ...session,
            subscriptions: [...subscriptionsOf(session.clientId).values()],
            begun: [...begunOf(session.clientId)],
          })),
        ),
    },
    queues: {
      page: (clientId, afterSeq, bounds) => later(() => queues.page(clientId, afterSeq, bounds)),
      lastSeq: clientId => later(() => queues.lastSeq(clientId)),
      sizeOf: clientId => later(() => queues.sizeOf(clientId)),
      unfinishedFanOuts: () => later(queues.unfinished),
    },
    retained: {
      topicsOf: (filter, from) => later(() => retained.topicsOf(filter, from)),
      on: names => later(() => names.map(retained.on)),
      expired: atMs => later(() => retained.expired(atMs)),
    },
    wills: { all: () => later(() => [...wills.values()]) },
    states: {
      all: () => later(keptStates),
      takeOver: states =>
        later(() => {
          for (const [deviceId, { tenure, state }] of states) putState(deviceId, tenure, state)
        }),
    },
    check: () => later(() => {}),
    close: () => later(() => {}),
  }
}

function entryOf<T>(entries: Map<string, T>, key: string, make: () => T): T {
  const entry = entries.get(key) ?? make()
  entries.set(key, entry)
  return entry
}
