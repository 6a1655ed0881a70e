import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { StoredMessage } from '../../domain/stored-message.ts'
import type { Session, SessionSubscription } from '../session/session.ts'
import type { SendMessage } from './send-message.ts'
import type { Turns } from './turns.ts'

export interface RetainedFeedOptions {
  readonly session: Session
  readonly store: Pick<MqttStore, 'retainedTopics' | 'retainedOn'>
  readonly turns: Turns
  readonly send: SendMessage
  /** What is to be sent as retained on a topic at this moment; undefined when nothing is. Throws with a fault of the store. */
  readonly retainedNow: (topic: string) => StoredMessage | undefined
  readonly onFault: (cause: unknown) => void
}

/** What is left of one subscription: topics that were found, and where to look further. */
interface Course {
  readonly subscription: SessionSubscription
  topics: readonly string[]
  /** Undefined when all topics are found. */
  next: { readonly from?: string } | undefined
}

/**
 * Sends one connection what is retained for its new subscriptions, as fast as it is taken, in short turns. A message is read when it is sent, so
 * that nobody is left with an older one than has passed meanwhile.
 */
export class RetainedFeed {
  readonly #options: RetainedFeedOptions
  #courses: Course[] = []
  #isPlanned = false

  constructor(options: RetainedFeedOptions) {
    this.#options = options
  }

  /**
   * To be called when the subscriptions became active. One that is subscribed again begins again, and what is not subscribed any more is
   * forgotten: so there is never more to do than the session has filters, however often it subscribes.
   */
  add(subscriptions: readonly SessionSubscription[]): void {
    const { reader } = this.#options.session
    const added = new Set(subscriptions)
    this.#courses = this.#courses.filter(({ subscription }) => reader.holds(subscription) && !added.has(subscription))
    for (const subscription of subscriptions) {
      const { filter } = subscription
      const isExact = !/[+#]/.test(filter)
      this.#courses.push({ subscription, topics: isExact ? [filter] : [], next: isExact ? undefined : {} })
    }
    this.sendOn()
  }

  /** The reader has taken something: sends more. Never throws. */
  sendOn(): void {
    if (this.#courses.length === 0 || this.#isPlanned) return
    this.#isPlanned = true
    this.#options.turns.run(() => {
      this.#isPlanned = false
      try {
        if (this.#step()) this.sendOn()
      } catch (cause) {
        this.#courses = []
        this.#options.onFault(cause)
      }
      return false
    })
  }

  /** Sends a few, or looks for more. True when it could go on; false when it waits for the reader, or has ended. */
  #step(): boolean {
    const [course] = this.#courses
    const { session, store } = this.#options
    if (!course || session.client.closed) {
      this.#courses = []
      return false
    }
    const { subscription } = course
    if (!session.reader.holds(subscription)) course.next = undefined
    else if (course.topics.length > 0) {
      const sent = this.#sendFrom(course.topics, subscription)
      course.topics = course.topics.slice(sent)
      if (course.topics.length > 0) return sent > 0
    } else if (course.next) {
      const { topics, next } = store.retainedTopics(subscription.filter, course.next.from)
      course.topics = topics
      course.next = next === undefined ? undefined : { from: next }
      return true
    }
    if (!course.next) this.#courses.shift()
    return this.#courses.length > 0
  }

  /** How many of the topics were done. */
  #sendFrom(topics: readonly string[], subscription: SessionSubscription): number {
    const { session } = this.#options
    let done = 0
    for (const topic of topics.slice(0, topicsPerStep)) {
      if (!session.stream.hasRoom || !session.outbox?.hasRoom) break
      this.#sendOne(topic, subscription)
      done++
    }
    return done
  }

  #sendOne(topic: string, { qos: asked }: SessionSubscription): void {
    const { session, send, retainedNow } = this.#options
    if (!session.mayReceive(topic)) return
    const message = retainedNow(topic)
    if (!message) return
    const qos = Math.min(asked, message.qos)
    if (qos === 0) send(session, topic, message.payload, { retain: true })
    else session.outbox?.sendUnqueued(message, qos === 1 ? 1 : 2)
  }
}

const topicsPerStep = 16
