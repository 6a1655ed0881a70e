import { type Message, sizeOf } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import { packetIdOf, type QueuedMessage, type QueuePage } from '../../domain/mqtt-state/session-queues.ts'
import type { Qos } from '../../domain/qos.ts'
import { isCommand } from '../../protocol/topics.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { Outbox } from '../sessions/outbox.ts'
import type { Session } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import type { Appending } from './appending.ts'
import type { OutgoingRow } from './outgoing-row.ts'
import { ResumePoint } from './resume-point.ts'
import type { SendMessage } from './send-message.ts'
import { SendWindow } from './send-window.ts'

export interface StoredOutboxOptions {
  readonly session: Session
  readonly store: Pick<MqttStore, 'queues'>
  readonly commits: GroupCommit
  readonly send: SendMessage
  /** The QoS at which the session reads a topic now. */
  readonly qosOf: (message: Message) => Qos
  /** The identifiers of the session's subscriptions for which it gets a message. */
  readonly identifiersOf: (message: Message) => readonly number[] | undefined
  readonly onFault: (cause: unknown) => void
}

const messagesPerPage = 32
const tryAgainMs = 1000

/**
 * The outbox of a stored session: every message is in the session's queue from before it is sent until it is acknowledged, whatever ends the connection.
 * What cannot be sent at once is read from the queue when the reader has room for it. Packet ids come from the numbers of the queue.
 */
export class StoredOutbox implements Outbox {
  readonly #options: StoredOutboxOptions
  readonly #session: Session
  readonly #window: SendWindow
  /** The queue may hold something that is not sent. */
  #isBehind = true
  /** Everything in the queue up to this number is sent. */
  #sentSeq = 0
  readonly #resumed: ResumePoint
  /** The queue is being read, or what was read is being kept as sent. */
  #isReading = true
  /** How many messages are being put into the queue, and how many of them are to be sent when they are kept. */
  #appending = 0
  #sending = 0
  /** How many were put into the queue and not sent. */
  #left = 0
  /** Something could not be sent, so later messages stay in the queue when they are kept. */
  #isStalled = false
  #isPressed = false
  /** Numbers that are acknowledged, and stay in the queue until that is kept. */
  readonly #acknowledged = new Set<number>()
  /** How many acknowledgements have come. */
  #acknowledgements = 0

  /** Takes up the session's queue. */
  constructor(options: StoredOutboxOptions) {
    this.#options = options
    this.#session = options.session
    this.#window = new SendWindow(options.session.receiveMaximum)
    this.#resumed = new ResumePoint(options.session.clientId, options.store.queues, options.commits)
    this.#resume()
  }

  #resume(): void {
    this.#resumed.find().then(
      () => this.#goOn(),
      cause => this.#failed(cause, () => this.#resume()),
    )
  }

  get room(): number {
    return this.#session.stream.hasRoom ? this.#window.room : 0
  }

  get isBehind(): boolean {
    return this.#isBehind
  }

  get isPressed(): boolean {
    return this.#isBehind && this.#isPressed
  }

  /** True when it is the outbox's turn and the window has room. */
  get #maySend(): boolean {
    return this.room > 0 && !this.#session.feed?.isDue
  }

  get #isOver(): boolean {
    const { client, reader, revokedFrom } = this.#session
    return client.closed || reader.session !== this.#session || revokedFrom !== undefined
  }

  /** The message is being put into the queue. */
  append(message: Message, qos: 1 | 2): Appending {
    if (!this.#isBehind && this.#maySend) {
      this.#session.feed?.outboxSent(1)
      return this.#appendSent(message, qos, seq => {
        this.#sentSeq = seq
      })
    }
    this.#isBehind = true
    this.#appending++
    return {
      isSent: false,
      kept: seq => {
        this.#appending--
        this.#left++
        this.#resumed.came(seq)
        this.sendOn()
      },
      undone: () => {
        this.#appending--
        this.sendOn()
      },
    }
  }

  /** Sends the message when it is kept. */
  #appendSent(message: Message, qos: 1 | 2, sent: (seq: number) => void): Appending {
    const bytes = sizeOf(message)
    this.#window.reserve(bytes)
    this.#appending++
    this.#sending++
    const ended = () => {
      this.#appending--
      this.#sending--
      this.#window.unreserve(bytes)
    }
    return {
      isSent: true,
      kept: seq => {
        ended()
        this.#resumed.came(seq)
        const messageId = packetIdOf(seq)
        if (this.#isStalled || this.#window.isInFlight(messageId)) {
          this.#isStalled = true
          this.#isBehind = true
        } else {
          this.#window.hold(messageId, { seq, bytes })
          sent(seq)
          this.#write({ queued: { seq, message }, qos, messageId })
        }
        this.sendOn()
      },
      undone: () => {
        ended()
        this.sendOn() // perhaps nothing else comes that would do so
      },
    }
  }

  /** It stands in the queue from then on, so that it is sent again when the connection ends before its acknowledgement [MQTT-4.4.0-1]. */
  sendRetained(message: Message, qos: 1 | 2): void {
    const retained = { ...message, retain: true }
    const appending = this.#appendSent(retained, qos, () => {})
    const recipients = [{ clientId: this.#session.clientId, qos, isSent: true }]
    this.#options.commits.write(
      { kind: 'message', queued: [{ message: retained, recipients, waiting: [] }] },
      ({ given }) => appending.kept(given[0]?.numbers[0] ?? 0),
      appending.undone,
    )
  }

  acknowledged(messageId: number): void {
    if (this.#isOver) return
    const seq = this.#window.seqOf(messageId)
    this.#window.release(messageId)
    if (seq === undefined) return
    this.#acknowledgements++
    this.#acknowledged.add(seq)
    this.#options.commits.write(
      { kind: 'acknowledged', clientId: this.#session.clientId, seq },
      () => this.#acknowledged.delete(seq),
      this.#options.onFault, // it is in the queue, and comes again in the next connection
    )
  }

  received(messageId: number): void {
    if (this.#isOver) return
    const seq = this.#window.seqOf(messageId)
    if (seq !== undefined) this.#options.commits.write({ kind: 'received', clientId: this.#session.clientId, seq })
  }

  sendOn(): void {
    if (!this.#isBehind || this.#isReading || this.#sending > 0 || this.#isOver || !this.#maySend) return
    this.#isReading = true
    this.#isStalled = false
    const leftBefore = this.#left
    const bounds = { maxMessages: Math.min(messagesPerPage, this.#window.room), maxBytes: this.#window.roomBytes }
    this.#options.store.queues.page(this.#session.clientId, this.#sentSeq, bounds).then(
      page => this.#take(page, leftBefore),
      cause => this.#failed(cause),
    )
  }

  #take({ rows, isHalfFull }: QueuePage, leftBefore: number): void {
    this.#isPressed = isHalfFull
    if (rows.length === 0 || this.#isOver) {
      this.#isReading = false
      if (this.#left !== leftBefore) this.sendOn()
      else if (this.#appending === 0) this.#caughtUp() // otherwise it goes on when that is kept
      return
    }
    const before = this.#sentSeq
    const outgoing: OutgoingRow[] = []
    for (const queued of rows) if (!this.#takeOne(queued, outgoing)) break
    this.#session.feed?.outboxSent(outgoing.length)
    // A message that could not be sent waits for an acknowledgement, which may have come already.
    const acknowledgedBefore = this.#sentSeq === before ? this.#acknowledgements : undefined
    this.#options.commits.afterCommit(
      () => this.#sendRows(outgoing, acknowledgedBefore !== this.#acknowledgements),
      cause => this.#undo(before, outgoing, cause),
    )
  }

  /** Notes that a row is being sent; false when it cannot be sent yet, because a message that an earlier version sent has its packet id. */
  #takeOne(queued: QueuedMessage, outgoing: OutgoingRow[]): boolean {
    const { commits, session, qosOf } = this.#options
    const { seq, message, messageId = packetIdOf(seq) } = queued
    if (!this.#window.isInFlight(messageId, seq) && !this.#acknowledged.has(seq)) {
      const qos = queued.qos ?? (message ? qosOf(message) : 2)
      if (qos === 0 || !this.#isStillOwed(queued))
        commits.write({ kind: 'acknowledged', clientId: session.clientId, seq })
      else {
        if (this.#window.isInFlight(messageId) || this.#window.room === 0) return false
        this.#window.hold(messageId, { seq, bytes: message ? sizeOf(message) : 0 })
        outgoing.push({ queued, qos, messageId })
        if (queued.messageId === undefined) commits.write({ kind: 'sent', clientId: session.clientId, seq })
      }
    }
    this.#sentSeq = seq
    return true
  }

  #caughtUp(): void {
    this.#isBehind = false
    this.#session.feed?.sendOn()
  }

  #sendRows(outgoing: readonly OutgoingRow[], mayGoOn: boolean): void {
    this.#isReading = false
    if (this.#isOver) return
    for (const one of outgoing) this.#write(one)
    if (mayGoOn) this.#session.sendOn()
  }

  /** Nothing of what was read is noted: it is read again a second later. */
  #undo(sentSeq: number, outgoing: readonly OutgoingRow[], cause: unknown): void {
    for (const { messageId } of outgoing) this.#window.release(messageId)
    this.#sentSeq = sentSeq
    this.#isBehind = true
    this.#failed(cause)
  }

  /** Goes on a second later. */
  #failed(cause: unknown, again = () => this.#goOn()): void {
    this.#options.onFault(cause)
    setTimeout(() => {
      if (!this.#isOver) again()
    }, tryAgainMs).unref()
  }

  #goOn(): void {
    this.#isReading = false
    this.sendOn()
  }

  /** Rights may have gone since it was queued; commands for a device that was away are not for later. */
  #isStillOwed({ seq, message }: QueuedMessage): boolean {
    if (!message) return true
    const { principal } = this.#session
    if (principal.kind === 'device' && isCommand(message.topic) && !this.#resumed.isBefore(seq)) return false
    return this.#session.deliveryDecision(message.topic).allowed
  }

  /** Sends what is kept, unless the right to it has ended or it has expired meanwhile, or it is larger than the reader accepts. */
  #write({ queued: { seq, message, messageId: sentAs }, qos, messageId }: OutgoingRow): void {
    if (this.#isOver) return
    const { session, commits } = this.#options
    if (!message) session.stream.answer('pubrel', messageId)
    else if (!this.#send(message, { qos, messageId, dup: sentAs !== undefined })) {
      this.#window.release(messageId)
      commits.write({ kind: 'acknowledged', clientId: session.clientId, seq })
    }
  }

  /** False when it is not sent. */
  #send(message: Message, handshake: PublishFlags['handshake'] & object): boolean {
    const { session, send, identifiersOf } = this.#options
    if (!session.mayReceive(message.topic)) return false
    const identifiers = session.reader.hasIdentifiers ? identifiersOf(message) : undefined
    return send(session, message, { retain: message.retain, handshake, identifiers })
  }
}
