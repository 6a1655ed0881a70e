import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import { followedTopic } from '../sessions/following/followed-topic.ts'
import type { UnfedSubscription } from '../sessions/reader.ts'
import type { Session, SessionSubscription } from '../sessions/session.ts'
import type { RetainedNow } from './retained-now.ts'
import type { SendMessage } from './send-message.ts'
import type { Turns } from './turns.ts'

export interface RetainedFeedOptions {
  readonly session: Session
  readonly store: Pick<MqttStore, 'retained'>
  readonly commits: Pick<GroupCommit, 'write' | 'afterCommit'>
  readonly turns: Turns
  readonly send: SendMessage
  readonly retainedNow: RetainedNow
  /** Told of the first of consecutive faults. */
  readonly onFault: (cause: unknown) => void
}

/** How far this connection has looked along a course. */
interface Place {
  readonly course: UnfedSubscription<Session>
  /** Found, and not sent yet. */
  topics: readonly string[]
  /** Undefined when all topics are found. */
  next: { readonly from?: string } | undefined
}

const topicsPerStep = 16
const tryAgainMs = 1000
/** How many messages the outbox sends for each of the feed's while both have some; the larger number while much waits in the outbox. */
const messagesForOne = 1
const messagesForOneWhenPressed = 15

/**
 * Sends one connection the retained messages for its new subscriptions, as fast as the reader takes them, in short turns. A message is read when it is
 * sent, so that no reader is left with a message older than one that has passed meanwhile. The reader keeps what is left: the next connection of a stored
 * session goes on with it. After a fault of the store it tries again.
 */
export class RetainedFeed {
  readonly #options: RetainedFeedOptions
  readonly #session: Session
  /** What is left for this connection to do, apart from what waits until it is kept. */
  #left: UnfedSubscription<Session>[]
  #place: Place | undefined
  #isPlanned = false
  /** The store is being read. */
  #isReading = false
  #isResting = false
  /** A fault has been told, and nothing was kept since. */
  #isFaulty = false
  /** How many messages the outbox may send first. */
  #owedToOutbox = 0

  /** Goes on with what the previous connection has left. */
  constructor(options: RetainedFeedOptions) {
    this.#options = options
    this.#session = options.session
    this.#left = [...options.session.reader.unfed]
  }

  /**
   * To be called when the subscriptions have become active. A filter that is subscribed to again begins again, and one that was unsubscribed is dropped: so
   * there is never more to do than the session has filters, however often it subscribes.
   */
  add(subscriptions: readonly SessionSubscription[]): void {
    const { reader } = this.#session
    const added = new Set(subscriptions)
    for (const course of reader.unfed)
      if (!reader.holds(course.subscription) || added.has(course.subscription)) reader.unfed.delete(course)
    this.#left = this.#left.filter(course => reader.unfed.has(course))
    for (const subscription of subscriptions) {
      const course = { subscription, after: '' }
      reader.unfed.add(course)
      this.#left.push(course)
    }
    this.sendOn()
  }

  /** True when the feed has something to send and it is its turn: the outbox waits for it. */
  get isDue(): boolean {
    return this.#place !== undefined && this.#place.topics.length > 0 && this.#owedToOutbox <= 0
  }

  /** The outbox has sent this many messages. */
  outboxSent(messages: number): void {
    if (this.#owedToOutbox <= 0) return
    this.#owedToOutbox -= messages
    if (this.#owedToOutbox <= 0) this.sendOn()
  }

  /** The reader has taken something: sends more. Never throws. */
  sendOn(): void {
    if (this.#isPlanned || this.#isReading || this.#isResting || this.#left.length === 0) return
    this.#isPlanned = true
    this.#options.turns.run(() => {
      this.#isPlanned = false
      this.#step()
      if (!this.isDue) this.#session.outbox?.sendOn()
      return false
    })
  }

  get #isOver(): boolean {
    const { client, reader, revokedFrom } = this.#session
    return client.closed || reader.session !== this.#session || revokedFrom !== undefined
  }

  /** Sends a few, or looks for more. */
  #step(): void {
    if (this.#isResting || this.#isReading || this.#isOver) return
    const place = this.#findPlace()
    if (!place) return
    if (place.topics.length > 0) this.#readFrom(place)
    else if (place.next) this.#lookOn(place, place.next.from)
    else this.#done(place, [])
  }

  /** Reads the store, and goes on with the result if the feed is still at that place. */
  #read<T>(place: Place, asked: Promise<T>, goOn: (found: T) => void): void {
    this.#isReading = true
    asked.then(
      found => {
        this.#isReading = false
        if (this.#isOver || this.#isResting) return
        if (this.#findPlace() === place) goOn(found)
        else this.sendOn()
      },
      cause => {
        this.#isReading = false
        this.#rest(cause)
      },
    )
  }

  #lookOn(place: Place, from: string | undefined): void {
    const { filter } = place.course.subscription
    this.#read(place, this.#options.store.retained.topicsOf(filter, from), ({ topics, next }) => {
      place.topics = topics
      place.next = next === undefined ? undefined : { from: next }
      if (topics.length > 0 || place.next) this.sendOn()
      else this.#done(place, [])
    })
  }

  /** The place in the first course whose filter is still subscribed. */
  #findPlace(): Place | undefined {
    const { reader } = this.#session
    while (this.#left[0] && !reader.holds(this.#left[0].subscription)) this.#left.shift()
    const [course] = this.#left
    if (!course || this.#place?.course !== course) this.#place = course && placeIn(course)
    return this.#place
  }

  #readFrom(place: Place): void {
    const { session, retainedNow } = this.#options
    const { outbox } = session
    if (!outbox || (this.#owedToOutbox > 0 && outbox.isBehind)) return
    const end = Math.min(topicsPerStep, outbox.room)
    if (end === 0) return
    const topics = place.topics.slice(0, end).filter(topic => session.mayReceive(topic))
    this.#read(place, retainedNow(topics), messages => {
      const found = new Map(topics.map((topic, at) => [topic, messages[at]]))
      this.#sendFrom(place, place.topics.slice(0, end), found)
    })
  }

  #sendFrom(place: Place, topics: readonly string[], found: ReadonlyMap<string, Message | undefined>): void {
    const { outbox } = this.#session
    let done = 0
    let sent = 0
    for (const topic of topics) {
      if (!outbox || outbox.room === 0) break
      done++
      const message = found.get(topic)
      if (!message || !this.#session.mayReceive(topic)) continue
      this.#sendOne(message, place.course.subscription)
      sent++
    }
    if (done === 0) return
    this.#owedToOutbox = sent * (outbox?.isPressed ? messagesForOneWhenPressed : messagesForOne)
    this.#done(place, topics.slice(0, done))
  }

  #sendOne(message: Message, { qos: asked, identifier }: SessionSubscription): void {
    const { session, send } = this.#options
    const qos = Math.min(asked, message.qos)
    const identifiers = identifier === undefined ? undefined : [identifier]
    if (qos === 0) send(session, message, { retain: true, identifiers })
    else session.outbox?.sendRetained(message, qos === 1 ? 1 : 2, identifiers)
  }

  /** These topics are done, as soon as that is kept. */
  #done(place: Place, topics: readonly string[]): void {
    const { course } = place
    const after = topics.at(-1) ?? course.after
    place.topics = place.topics.slice(topics.length)
    const isFinished = place.topics.length === 0 && !place.next
    if (isFinished) {
      this.#left.shift()
      this.#place = undefined
    }
    const kept = () => {
      this.#isFaulty = false
      course.after = after
      if (isFinished) this.#session.reader.unfed.delete(course)
    }
    if (isNoted(course)) {
      this.#note(course, isFinished ? undefined : after)
      this.#options.commits.afterCommit(kept, cause => this.#rest(cause))
    } else kept()
    this.#session.sendOn()
  }

  /** Keeps after which topic a later process goes on to feed; without `after`, that nothing is left. */
  #note({ subscription }: UnfedSubscription<Session>, after: string | undefined): void {
    const { commits, session } = this.#options
    const { reader, granted } = session
    const { filter } = subscription
    const { clientId } = reader
    if (reader.asked.get(filter) === subscription) {
      if (!granted.asked.has(filter)) commits.write({ kind: 'fed', clientId, filter, unfedAfter: after }) // otherwise it is being subscribed to again
      return
    }
    // A followed filter stands for many: as long as one of them is not done, a later process feeds all of them again.
    if (after !== undefined || this.#left.some(isDerived)) return
    for (const followed of reader.followed.keys())
      if (!granted.followed.has(followed)) commits.write({ kind: 'fed', clientId, filter: followedTopic(followed) })
  }

  /** Goes on a second later from what is kept; the outbox goes on meanwhile. */
  #rest(cause: unknown): void {
    if (!this.#isFaulty) this.#options.onFault(cause)
    this.#isFaulty = true
    this.#place = undefined
    this.#left = [...this.#session.reader.unfed]
    if (this.#isResting) return
    this.#isResting = true
    setTimeout(() => {
      this.#isResting = false
      this.sendOn()
    }, tryAgainMs).unref()
  }
}

/** Whether progress is kept with the subscription: for a stored session, at QoS 1 and 2. */
const isNoted = ({ subscription: { reader, qos } }: UnfedSubscription<Session>): boolean => reader.isStored && qos > 0

const isDerived = ({ subscription }: UnfedSubscription<Session>): boolean =>
  subscription.reader.derived.get(subscription.filter) === subscription

function placeIn(course: UnfedSubscription<Session>): Place {
  const { filter } = course.subscription
  if (!/[+#]/.test(filter)) return { course, topics: [filter], next: undefined }
  return { course, topics: [], next: course.after === '' ? {} : { from: course.after } }
}
