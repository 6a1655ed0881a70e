import { type Message, sizeOf } from '../../domain/message.ts'
import { closeSession } from '../session/notify.ts'
import type { Outbox } from '../session/outbox.ts'
import type { Session } from '../session/session.ts'
import type { SendMessage } from './send-message.ts'
import { SendWindow } from './send-window.ts'

interface Waiting {
  readonly message: Message
  readonly qos: 1 | 2
  readonly retain: boolean
}

/** What a message that waits takes besides its own bytes, about: who is sent many small ones does not fill the memory. */
const overheadBytes = 128
const waitingBytesOf = (message: Message): number => overheadBytes + sizeOf(message)

/** The outbox of a session that ends with its connection: what waits, waits in memory, and beyond the bound the session is closed. */
export class CleanOutbox implements Outbox {
  readonly #session: Session
  readonly #send: SendMessage
  readonly #maxBytes: number
  readonly #window = new SendWindow()
  #waiting: Waiting[] = []
  #waitingBytes = 0

  /** `maxBytes` may wait, here and in the stream. */
  constructor(session: Session, send: SendMessage, maxBytes: number) {
    this.#session = session
    this.#send = send
    this.#maxBytes = maxBytes
  }

  get hasRoom(): boolean {
    return this.#window.room > 0 && this.#session.stream.hasRoom
  }

  /** Sends the message when its turn comes. */
  deliver(message: Message, qos: 1 | 2, retain: boolean): void {
    if (this.#waiting.length === 0 && this.hasRoom) {
      this.#write({ message, qos, retain })
      return
    }
    this.#waiting.push({ message, qos, retain })
    this.#waitingBytes += waitingBytesOf(message)
    if (this.#waitingBytes + this.#session.stream.waitingBytes > this.#maxBytes)
      closeSession(this.#session, 'slow-reader')
  }

  sendUnqueued(message: Message, qos: 1 | 2): void {
    this.#write({ message, qos, retain: true })
  }

  acknowledged(messageId: number): void {
    this.#window.release(messageId)
  }

  received(): void {}

  sendOn(): void {
    if (this.#waiting.length === 0 || !this.hasRoom) return
    let sent = 0
    for (const waiting of this.#waiting) {
      if (!this.hasRoom) break
      sent++
      this.#waitingBytes -= waitingBytesOf(waiting.message)
      if (this.#session.deliveryDecision(waiting.message.topic).allowed) this.#write(waiting)
    }
    this.#waiting = this.#waiting.slice(sent)
  }

  #write({ message, qos, retain }: Waiting): void {
    const messageId = this.#window.take({ bytes: sizeOf(message) })
    this.#send(this.#session, message.topic, message.payload, { retain, handshake: { qos, messageId, dup: false } })
  }
}
