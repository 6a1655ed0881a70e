import { type Message, sizeOf } from '../../domain/message.ts'
import { closeSession } from '../sessions/notify.ts'
import type { Outbox } from '../sessions/outbox.ts'
import type { Session } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import type { SendMessage } from './send-message.ts'
import { SendWindow } from './send-window.ts'

interface Waiting {
  readonly message: Message
  readonly qos: 1 | 2
  readonly flags: PublishFlags
}

/** About how much memory a waiting message takes besides its own bytes, so that many small ones do not fill the memory either. */
const overheadBytes = 128
const waitingBytesOf = (message: Message): number => overheadBytes + sizeOf(message)

/** The outbox of a session that ends with its connection: messages wait in memory, and beyond the bound the session is closed. */
export class CleanOutbox implements Outbox {
  readonly #session: Session
  readonly #send: SendMessage
  readonly #maxBytes: number
  readonly #window: SendWindow
  readonly #handOn: (message: Message) => void
  #waiting: Waiting[] = []
  #waitingBytes = 0
  /** What it was sent of shared subscriptions at QoS 1; another member must not get a message at QoS 2 [MQTT-4.8.2-5]. */
  readonly #unacknowledged = new Map<number, Message>()

  /** `maxBytes` may wait, here and in the stream. `handOn` takes messages of shared subscriptions that the session may not have any more. */
  constructor(session: Session, send: SendMessage, maxBytes: number, handOn: (message: Message) => void) {
    this.#session = session
    this.#send = send
    this.#maxBytes = maxBytes
    this.#handOn = handOn
    this.#window = new SendWindow(session.receiveMaximum)
  }

  get room(): number {
    return this.#session.stream.hasRoom ? this.#window.room : 0
  }

  get isBehind(): boolean {
    return this.#waiting.length > 0
  }

  get isPressed(): boolean {
    return this.#waitingBytes > this.#maxBytes / 2
  }

  /** True when it is the outbox's turn and the window has room. */
  get #maySend(): boolean {
    return this.room > 0 && !this.#session.feed?.isDue
  }

  /** Sends the message when its turn comes. */
  deliver(message: Message, qos: 1 | 2, flags: PublishFlags): void {
    if (!this.isBehind && this.#maySend) {
      this.#write({ message, qos, flags })
      this.#session.feed?.outboxSent(1)
      return
    }
    this.#waiting.push({ message: alone(message), qos, flags })
    this.#waitingBytes += waitingBytesOf(message)
    if (this.#waitingBytes + this.#session.stream.waitingBytes > this.#maxBytes)
      closeSession(this.#session, 'slow-reader')
  }

  sendRetained(message: Message, qos: 1 | 2, identifiers?: readonly number[]): void {
    this.#write({ message, qos, flags: { retain: true, identifiers } })
  }

  acknowledged(messageId: number): void {
    this.#window.release(messageId)
    this.#unacknowledged.delete(messageId)
  }

  received(): void {}

  sendOn(): void {
    let done = 0
    for (const waiting of this.#waiting) {
      if (!this.#maySend) break
      done++
      this.#waitingBytes -= waitingBytesOf(waiting.message)
      if (!this.#session.deliveryDecision(waiting.message.topic).allowed) {
        this.#handOn(waiting.message)
        continue
      }
      this.#write(waiting)
      this.#session.feed?.outboxSent(1)
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done)
  }

  /** The messages of shared subscriptions that the session leaves when its connection ends. They are somebody else's from then on. */
  takeLeft(): readonly Message[] {
    const left = [...this.#unacknowledged.values(), ...this.#waiting.map(({ message }) => message)]
    this.#unacknowledged.clear()
    this.#waiting = []
    return left.filter(({ share }) => share !== undefined)
  }

  #write({ message, qos, flags }: Waiting): void {
    const messageId = this.#window.take({ bytes: sizeOf(message) })
    const { retain, identifiers } = flags
    const handshake = { qos, messageId, dup: false }
    const isSent = this.#send(this.#session, message, { retain, identifiers, handshake })
    if (!isSent) this.#window.release(messageId)
    const isOnItsWay = isSent ? qos === 1 : this.#session.stream.destroyed
    if (message.share !== undefined && isOnItsWay) this.#unacknowledged.set(messageId, alone(message))
  }
}

/** A copy of the message: its payload is a view of everything that was received with it, which would stay in memory. */
function alone(message: Message): Message {
  const { payload } = message
  if (typeof payload === 'string' || payload.buffer.byteLength <= 2 * payload.length + overheadBytes) return message
  const copy = Buffer.allocUnsafeSlow(payload.length)
  copy.set(payload)
  return { ...message, payload: copy }
}
