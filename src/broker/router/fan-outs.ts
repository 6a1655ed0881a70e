import { type Message, sizeOf } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { FanOut, Recipient } from '../../domain/session-queues.ts'
import type { SessionReader } from '../sessions/session.ts'
import { StoredOutbox } from './stored-outbox.ts'
import type { Turns } from './turns.ts'

/** Gives messages at QoS 1 and 2 to stored sessions. */
export interface FanOuts {
  /**
   * Puts the message into the queues of all these sessions: what is kept with this turn says so, though many sessions are given theirs over the
   * turns that follow. One message after another, so that none overtakes. Throws with a fault of the store.
   */
  give(message: Message, recipients: readonly Owed[]): void
  /** More fan-outs are begun than should be: who publishes is to wait until they are ended. */
  readonly isBehind: boolean
  /** Calls `act` when that is over. */
  whenCaughtUp(act: () => void): void
  /** Ends what an earlier process has begun. Throws with a fault of the store. */
  resume(): void
}

/** A session that is owed a message. One that was wiped and made anew meanwhile is another, and owed nothing. */
export interface Owed extends Recipient {
  /** Undefined when an earlier process has begun to give it, and the session is gone. */
  readonly reader: SessionReader | undefined
}

export interface FanOutsOptions {
  readonly store: Pick<MqttStore, 'queues' | 'afterCommit'>
  readonly turns: Turns
  /** The stored session by this client id, if there still is one. */
  readonly readerOf: (clientId: string) => SessionReader | undefined
  /** Whether it may be kept a message on this topic now. */
  readonly mayQueue: (reader: SessionReader, topic: string) => boolean
  readonly onFault: (cause: unknown) => void
}

interface Job {
  readonly fanOut: FanOut
  /** Since this process has it. */
  readonly recipients: readonly Owed[]
  /** How many of all its recipients had theirs before. */
  readonly givenBefore: number
  given: number
}

/** So many sessions are given a message at once. */
const recipientsPerTurn = 64
/** A message that takes less for all of its recipients stands in each of their queues by itself. */
const sharedFromBytes = 4096
const tryAgainMs = 1000
const maxUnfinished = 16

export function createFanOuts({ store, turns, readerOf, mayQueue, onFault }: FanOutsOptions): FanOuts {
  const { queues } = store
  const jobs: Job[] = []
  /** Fan-outs that are begun and not ended: those that are not kept yet are no jobs. */
  let unfinished = 0
  let waitingForRoom: (() => void)[] = []

  /** Puts the message into one queue, and sends it when that is its turn. False when it is not for this session any more. */
  function giveOne(message: Message, recipient: Owed, append: (messageId?: number) => number): boolean {
    const { reader } = recipient
    if (!reader || readerOf(recipient.clientId) !== reader || !mayQueue(reader, message.topic)) return false
    const outbox = reader.session?.outbox
    if (outbox instanceof StoredOutbox) outbox.deliver(message, recipient.qos, append)
    else append()
    return true
  }

  function giveShared(fanOut: FanOut, recipients: readonly Owed[]): void {
    for (const recipient of recipients) {
      const append = (messageId?: number) => queues.addShared(fanOut, recipient, messageId)
      if (!giveOne(fanOut.message, recipient, append)) queues.skipShared(fanOut)
    }
  }

  /** Gives the next sessions theirs. Nothing else is given meanwhile. */
  function goOn(): void {
    const [job] = jobs
    if (!job) return
    const { fanOut, recipients, givenBefore } = job
    const given = Math.min(job.given + recipientsPerTurn, recipients.length)
    const isLast = given === recipients.length
    try {
      giveShared(fanOut, recipients.slice(job.given, given))
      if (isLast) queues.endFanOut(fanOut)
      else queues.noteGiven(fanOut, givenBefore + given)
      store.afterCommit(() => {
        job.given = given
        if (isLast) {
          jobs.shift()
          ended()
        }
        plan()
      }, tryAgain)
    } catch (cause) {
      onFault(cause)
      tryAgain()
    }
  }

  function ended(): void {
    unfinished--
    if (unfinished > maxUnfinished) return
    const acts = waitingForRoom
    waitingForRoom = []
    for (const act of acts) act()
  }

  function plan(): void {
    if (jobs.length === 0) return
    turns.run(() => {
      goOn()
      return false
    })
  }

  const tryAgain = () => void setTimeout(plan, tryAgainMs).unref()

  function start(job: Job): void {
    jobs.push(job)
    if (jobs.length === 1) plan()
  }

  return {
    give(message, recipients) {
      const isAtOnce = unfinished === 0 && recipients.length <= recipientsPerTurn
      const isShared = recipients.length > 1 && recipients.length * sizeOf(message) > sharedFromBytes
      if (isAtOnce && !isShared) {
        for (const recipient of recipients)
          giveOne(message, recipient, messageId => queues.add(recipient, message, messageId))
        return
      }
      const fanOut = queues.beginFanOut(message, recipients.length)
      if (isAtOnce) {
        giveShared(fanOut, recipients)
        return
      }
      queues.keepWaiting(fanOut, recipients)
      unfinished++
      store.afterCommit(() => start({ fanOut, recipients, givenBefore: 0, given: 0 }), ended)
    },
    get isBehind() {
      return unfinished > maxUnfinished
    },
    whenCaughtUp: act => void waitingForRoom.push(act),
    resume() {
      for (const { fanOut, waiting, given } of queues.unfinishedFanOuts()) {
        const recipients = waiting.map(one => ({ ...one, reader: readerOf(one.clientId) }))
        unfinished++
        start({ fanOut, recipients, givenBefore: given, given: 0 })
      }
    },
  }
}
