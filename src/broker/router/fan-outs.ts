import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { Recipient } from '../../domain/mqtt-state/session-queues.ts'
import type { Given, GivenTo, Queueing } from '../../domain/mqtt-state/write.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { SessionReader } from '../sessions/session.ts'
import type { Appending } from './appending.ts'
import { StoredOutbox } from './stored-outbox.ts'
import type { Turns } from './turns.ts'

/** Queues messages at QoS 1 and 2 for stored sessions. */
export interface FanOuts {
  /**
   * What must be kept so that all these sessions get the message; when they are many, over the turns that follow. One message after another, so that none
   * overtakes.
   */
  plan(message: Message, recipients: readonly Owed[]): PlannedQueueing
  /** More fan-outs are under way than should be: publishers must wait until they have ended. */
  readonly isBehind: boolean
  /** Calls `act` when that is over. */
  whenCaughtUp(act: () => void): void
  /** Finishes the fan-outs that an earlier process has begun. Rejects with a fault of the store. */
  resume(): Promise<void>
}

/** A session that is owed a message. A session that was deleted and began again meanwhile is another one, and is owed nothing. */
export interface Owed extends Recipient {
  /** Undefined when an earlier process began the fan-out and the session is gone. */
  readonly reader: SessionReader | undefined
}

export interface PlannedQueueing {
  readonly queueing: Queueing
  /** To be called when that is kept. */
  kept(given: Given): void
  /** To be called when it is not. */
  undone(): void
}

export interface FanOutsOptions {
  readonly store: Pick<MqttStore, 'queues'>
  readonly commits: GroupCommit
  readonly turns: Turns
  /** The stored session with this client id, if it still exists. */
  readonly readerOf: (clientId: string) => SessionReader | undefined
  /** Whether a message on this topic may be queued for it now. */
  readonly mayQueue: (reader: SessionReader, topic: string) => boolean
  readonly onFault: (cause: unknown) => void
}

interface Job {
  readonly id: number
  readonly message: Message
  /** Those that waited when this process took up the fan-out. */
  readonly recipients: readonly Owed[]
  /** How many of all its recipients got the message before. */
  readonly givenBefore: number
  given: number
}

/** A message is queued for this many sessions at once. */
const recipientsPerTurn = 64
const tryAgainMs = 1000
const maxUnfinished = 16

export function createFanOuts(options: FanOutsOptions): FanOuts {
  const { store, commits, turns, readerOf, mayQueue, onFault } = options
  const jobs: Job[] = []
  /** Fan-outs that have begun and not ended. Those that are not kept yet are not among the jobs. */
  let unfinished = 0
  let waitingForRoom: (() => void)[] = []

  /** Queues the message for those that may have it now, and sends it to those that are connected. */
  function giveNow(message: Message, owed: readonly Owed[]) {
    const recipients: GivenTo[] = []
    const appendings: (Appending | undefined)[] = []
    for (const { clientId, qos, reader } of owed) {
      if (!reader || readerOf(clientId) !== reader || !mayQueue(reader, message.topic)) continue
      const outbox = reader.session?.outbox
      const appending = outbox instanceof StoredOutbox ? outbox.append(message, qos) : undefined
      recipients.push({ clientId, qos, isSent: appending?.isSent ?? false })
      appendings.push(appending)
    }
    return {
      recipients,
      kept({ numbers }: Given): void {
        for (const [at, appending] of appendings.entries()) appending?.kept(numbers[at] ?? 0)
      },
      undone(): void {
        for (const appending of appendings) appending?.undone()
      },
    }
  }

  /** Queues the message for the next sessions. Nothing else is queued meanwhile. */
  function goOn(): void {
    const [job] = jobs
    if (!job) return
    const { id, message, givenBefore } = job
    const next = job.recipients.slice(job.given, job.given + recipientsPerTurn)
    const given = job.given + next.length
    const isLast = given === job.recipients.length
    const now = giveNow(message, next)
    const { recipients } = now
    const skipped = next.length - recipients.length
    commits.write(
      { kind: 'give', fanOut: id, recipients, skipped, given: givenBefore + given, isLast },
      outcome => {
        now.kept(outcome.given[0] ?? { numbers: [] })
        job.given = given
        if (isLast) {
          jobs.shift()
          ended()
        }
        plan()
      },
      cause => {
        now.undone()
        onFault(cause)
        setTimeout(plan, tryAgainMs).unref()
      },
    )
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

  function start(job: Job): void {
    jobs.push(job)
    if (jobs.length === 1) plan()
  }

  return {
    plan(message, owed) {
      if (unfinished === 0 && owed.length <= recipientsPerTurn) {
        const { recipients, kept, undone } = giveNow(message, owed)
        return { queueing: { message, recipients, waiting: [] }, kept, undone }
      }
      unfinished++
      return {
        queueing: { message, recipients: [], waiting: owed },
        kept: ({ fanOut = 0 }) => start({ id: fanOut, message, recipients: owed, givenBefore: 0, given: 0 }),
        undone: ended,
      }
    },
    get isBehind() {
      return unfinished > maxUnfinished
    },
    whenCaughtUp: act => void waitingForRoom.push(act),
    async resume() {
      for (const { id, message, waiting, given } of await store.queues.unfinishedFanOuts()) {
        const recipients = waiting.map(one => ({ ...one, reader: readerOf(one.clientId) }))
        unfinished++
        start({ id, message, recipients, givenBefore: given, given: 0 })
      }
    },
  }
}
