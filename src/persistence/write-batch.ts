import { kept, type MessageWrite, type Outcome, type Write } from '../domain/mqtt-state/write.ts'
import type { createIncomingMessages } from './incoming-messages.ts'
import type { createRetainedMessages } from './retained-messages.ts'
import type { createSessionQueues } from './session-queues.ts'
import type { createSessionRecords } from './session-records.ts'
import type { createStateRecords } from './state-records.ts'
import type { createStoredSubscriptions } from './stored-subscriptions.ts'
import type { createWillRecords } from './will-records.ts'

export interface Tables {
  readonly retained: ReturnType<typeof createRetainedMessages>
  readonly states: ReturnType<typeof createStateRecords>
  readonly sessions: ReturnType<typeof createSessionRecords>
  readonly subscriptions: Pick<ReturnType<typeof createStoredSubscriptions>, 'add' | 'remove' | 'noteFed'>
  readonly queues: ReturnType<typeof createSessionQueues>
  readonly incoming: ReturnType<typeof createIncomingMessages>
  readonly wills: ReturnType<typeof createWillRecords>
  /** Removes the subscriptions of a session, at once or over later turns. */
  readonly leave: (clientId: string) => void
  /** A session with this client id begins: nothing that is left of an earlier one counts any more. */
  readonly arrive: (clientId: string) => void
}

/** Carries out one write. Must be called within a transaction. */
export function createWriter(tables: Tables): (write: Write) => Outcome {
  const { retained, states, sessions, subscriptions, queues, incoming, wills, leave, arrive } = tables

  function putMessage({ retained: toRetain, queued = [] }: MessageWrite): Outcome {
    if (toRetain) {
      const { message, owner } = toRetain
      if (owner !== undefined && !retained.hasRoomFor(message, owner)) return { refused: 'no-room', given: [] }
      retained.store(message, owner)
    }
    return queued.length === 0 ? kept : { given: queued.map(queues.add) }
  }

  function forget(clientId: string): void {
    sessions.forget(clientId)
    queues.forget(clientId)
    incoming.clean(clientId)
    leave(clientId)
  }

  /** Writes that have no other outcome than that they are kept. */
  function change(write: Exclude<Write, { kind: 'message' | 'give' }>): void {
    switch (write.kind) {
      case 'sent':
        queues.noteSent(write.clientId, write.seq)
        break
      case 'received':
        queues.noteReceived(write.clientId, write.seq)
        break
      case 'acknowledged':
        queues.remove(write.clientId, write.seq)
        break
      case 'begun':
        incoming.begin(write.clientId, write.messageId)
        break
      case 'released':
        incoming.release(write.clientId, write.messageId)
        break
      case 'session':
        arrive(write.session.clientId)
        sessions.keep(write.session)
        break
      case 'forgotten':
        forget(write.clientId)
        break
      case 'subscribed':
        arrive(write.clientId)
        subscriptions.add(write.clientId, write.subscriptions)
        break
      case 'unsubscribed':
        subscriptions.remove(write.clientId, write.filters)
        break
      case 'fed':
        subscriptions.noteFed(write.clientId, write.filter, write.unfedAfter)
        break
      case 'will':
        wills.put(write.will)
        break
      case 'will-gone':
        wills.remove(write.clientId)
        break
      case 'retained-expired':
        retained.removeExpired(write.topic, write.atMs)
        break
      case 'state':
        states.put(write.deviceId, write.tenure, write.state)
        break
      default:
        write satisfies never
    }
  }

  return write => {
    if (write.kind === 'message') return putMessage(write)
    if (write.kind === 'give') return { given: [queues.give(write)] }
    change(write)
    return kept
  }
}
