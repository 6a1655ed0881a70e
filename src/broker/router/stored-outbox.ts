import { type Message, sizeOf } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { Qos } from '../../domain/qos.ts'
import type { QueuedMessage } from '../../domain/session-queues.ts'
import { isCommand } from '../../protocol/topics.ts'
import type { Outbox } from '../sessions/outbox.ts'
import type { Session } from '../sessions/session.ts'
import { encodeAnswer } from '../transport/packets/message-packets.ts'
import type { SendMessage } from './send-message.ts'
import { SendWindow } from './send-window.ts'

export interface StoredOutboxOptions {
  readonly session: Session
  readonly store: Pick<MqttStore, 'queues' | 'afterCommit'>
  readonly send: SendMessage
  /** The QoS at which the session reads a topic now. */
  readonly qosOn: (topic: string) => Qos | undefined
  readonly onFault: (cause: unknown) => void
}

/** A row of the queue on its way. */
interface Outgoing {
  readonly queued: QueuedMessage
  readonly qos: 1 | 2
  readonly messageId: number
}

const messagesPerPage = 32
const tryAgainMs = 1000

/**
 * The outbox of a stored session: everything stands in the session's queue from before it is sent until it is acknowledged, whatever ends the
 * connection. What cannot be sent at once is read from there when the reader has room for it.
 */
export class StoredOutbox implements Outbox {
  readonly #session: Session
  readonly #store: StoredOutboxOptions['store']
  readonly #send: SendMessage
  readonly #qosOn: StoredOutboxOptions['qosOn']
  readonly #onFault: StoredOutboxOptions['onFault']
  readonly #window = new SendWindow()
  /** Something may stand in the queue that is not sent. */
  #isBehind = true
  /** Everything in the queue up to this number is sent. */
  #sentSeq = 0
  /** The last number from before this connection: a device's commands up to it came while it was away, and are too late. */
  readonly #resumedAtSeq: number
  /** Rows that were read are being kept as sent. */
  #isReading = false

  /** Takes up the session's queue. Throws with a fault of the store. */
  constructor({ session, store, send, qosOn, onFault }: StoredOutboxOptions) {
    this.#session = session
    this.#store = store
    this.#send = send
    this.#qosOn = qosOn
    this.#onFault = onFault
    this.#resumedAtSeq = store.queues.lastSeq()
    this.#window.resume(store.queues.messageIdsInUse(session.clientId))
  }

  get room(): number {
    return this.#session.stream.hasRoom ? this.#window.room : 0
  }

  get isBehind(): boolean {
    return this.#isBehind
  }

  get isPressed(): boolean {
    return this.#store.queues.isHalfFull(this.#session.clientId)
  }

  /** Its own turn, and room. */
  get #maySend(): boolean {
    return this.room > 0 && !this.#session.feed?.isDue
  }

  /** `append` puts the message into the queue, under the packet id that it is sent with, if it is. Throws what that throws. */
  deliver(message: Message, qos: 1 | 2, append: (messageId?: number) => number): void {
    if (this.#isBehind || !this.#maySend) {
      append()
      this.#isBehind = true
      return
    }
    this.#sentSeq = this.#sendKept(message, qos, append)
    this.#session.feed?.outboxSent(1)
  }

  /** It stands in the queue from then on, so that it is sent again when the connection ends before its acknowledgement [MQTT-4.4.0-1]. */
  sendRetained(message: Message, qos: 1 | 2): void {
    const { clientId } = this.#session
    const retained = { ...message, retain: true }
    this.#sendKept(retained, qos, messageId => this.#store.queues.add({ clientId, qos }, retained, messageId))
  }

  /** Sends what `append` puts into the queue, when that is kept, and gives its number there. Throws what that throws. */
  #sendKept(message: Message, qos: 1 | 2, append: (messageId: number) => number): number {
    const bytes = sizeOf(message)
    const messageId = this.#window.take({ bytes })
    try {
      const seq = append(messageId)
      this.#window.hold(messageId, { seq, bytes })
      this.#store.afterCommit(
        () => this.#write(message, qos, messageId, false),
        () => {
          this.#window.release(messageId)
          this.sendOn() // perhaps nothing else comes that would
        },
      )
      return seq
    } catch (cause) {
      this.#window.release(messageId)
      throw cause
    }
  }

  acknowledged(messageId: number): void {
    const seq = this.#window.seqOf(messageId)
    this.#window.release(messageId)
    if (seq === undefined) return
    this.#store.queues.remove(this.#session.clientId, seq)
    this.#store.afterCommit(nothing, () => this.#window.resume(new Map([[messageId, seq]])))
  }

  received(messageId: number): void {
    const seq = this.#window.seqOf(messageId)
    if (seq !== undefined) this.#store.queues.noteReleased(this.#session.clientId, seq)
  }

  sendOn(): void {
    if (!this.#isBehind || this.#isReading || this.#isOver || !this.#maySend) return
    const before = this.#sentSeq
    const outgoing: Outgoing[] = []
    try {
      this.#readInto(outgoing)
      this.#isReading = true
      this.#session.feed?.outboxSent(outgoing.length)
      this.#store.afterCommit(
        () => this.#sendRows(outgoing),
        () => this.#undo(before, outgoing),
      )
    } catch (cause) {
      this.#undo(before, outgoing)
      this.#onFault(cause)
    }
  }

  get #isOver(): boolean {
    return this.#session.client.closed || this.#session.reader.session !== this.#session
  }

  /** Reads what comes next, and notes under which packet ids it is sent. */
  #readInto(outgoing: Outgoing[]): void {
    const { queues } = this.#store
    const { clientId } = this.#session
    const bounds = { maxMessages: Math.min(messagesPerPage, this.#window.room), maxBytes: this.#window.roomBytes }
    const rows = queues.page(clientId, this.#sentSeq, bounds)
    if (rows.length === 0) this.#isBehind = false
    for (const queued of rows) {
      this.#sentSeq = queued.seq
      const { seq, message } = queued
      if (queued.messageId !== undefined && this.#window.isInFlight(queued.messageId, seq)) continue
      const qos = queued.qos ?? (message ? this.#qosOf(message) : 2)
      if (qos === 0 || !this.#isStillOwed(queued)) {
        queues.remove(clientId, seq)
        continue
      }
      const messageId = this.#sendAs(queued)
      outgoing.push({ queued, qos, messageId })
      if (messageId !== queued.messageId) queues.noteSent(clientId, seq, messageId)
    }
  }

  /** The packet id of a row that is being sent: its own, unless another row has that. A file of before holds several under one. */
  #sendAs({ seq, messageId, message }: QueuedMessage): number {
    const inFlight = { seq, bytes: message ? sizeOf(message) : 0 }
    if (messageId === undefined || this.#window.isInFlight(messageId)) return this.#window.take(inFlight)
    this.#window.hold(messageId, inFlight)
    return messageId
  }

  #sendRows(outgoing: readonly Outgoing[]): void {
    this.#isReading = false
    if (this.#isOver) return
    for (const { queued, qos, messageId } of outgoing) {
      if (queued.message) this.#write(queued.message, qos, messageId, queued.messageId !== undefined)
      else this.#session.stream.write(encodeAnswer('pubrel', messageId))
    }
    this.#session.sendOn()
  }

  /** Nothing of what was read is noted: it is read again in a while. */
  #undo(sentSeq: number, outgoing: readonly Outgoing[]): void {
    for (const { queued, messageId } of outgoing) {
      this.#window.release(messageId)
      if (messageId === queued.messageId) this.#window.resume(new Map([[messageId, queued.seq]]))
    }
    this.#sentSeq = sentSeq
    this.#isBehind = true
    this.#isReading = true
    setTimeout(() => {
      this.#isReading = false
      this.sendOn()
    }, tryAgainMs).unref()
  }

  /** Rights may have gone since it was queued; commands for a device that was away are not for later. */
  #isStillOwed({ seq, message }: QueuedMessage): boolean {
    if (!message) return true
    const isForDevice = this.#session.principal.kind === 'device' && isCommand(message.topic)
    if (isForDevice && seq <= this.#resumedAtSeq) return false
    return this.#session.deliveryDecision(message.topic).allowed
  }

  /** Of what an earlier version has queued. */
  #qosOf({ topic, qos }: Pick<Message, 'topic' | 'qos'>): Qos {
    const asked = this.#qosOn(topic)
    return asked !== undefined && asked < qos ? asked : qos
  }

  #write(message: Pick<Message, 'topic' | 'payload' | 'retain'>, qos: 1 | 2, messageId: number, dup: boolean): void {
    if (this.#isOver) return
    const { topic, payload, retain } = message
    this.#send(this.#session, topic, payload, { retain, handshake: { qos, messageId, dup } })
  }
}

const nothing = () => {}
