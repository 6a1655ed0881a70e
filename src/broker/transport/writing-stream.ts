import { Duplex } from 'node:stream'
import type { TrafficByKind, TrafficCounts } from '../../domain/traffic-counts.ts'
import { Answers } from './answers.ts'
import type { Dialect } from './dialect.ts'
import { Outgoing } from './outgoing.ts'
import type { PublishFlags } from './packets/encode-publish.ts'
import type { AnswerType } from './packets/message-packets.ts'
import type { Publication } from './packets/publication.ts'
import type { Reason } from './reason.ts'
import type { StreamLimits } from './stream-limits.ts'
import { DrainWatch } from './wires/drain-watch.ts'
import type { Wire } from './wires/wire.ts'

/** How much of what is sent at the reader's pace may wait here, so that answers do not wait behind more. */
const pacedBytes = 32 * 1024

/**
 * The half of a connection that is written to. What is written within one turn of the event loop is sent as one write; it knows how much of it the peer has
 * not taken yet.
 */
export abstract class WritingStream extends Duplex {
  protected abstract readonly wire: Wire
  /** How this connection speaks: MQTT 3.1.1 until its CONNECT has come. */
  abstract readonly dialect: Dialect
  protected readonly outgoing = new Outgoing(bytes => {
    this.counts.bytesOut += bytes.length
    this.wire.send(bytes)
  })
  protected readonly answers = new Answers(this.outgoing, () => this.dialect)
  readonly #maxPendingBytes: number
  readonly #drain: DrainWatch
  /** Called when the peer has taken something and there is room. */
  onTaken: (() => void) | undefined
  readonly traffic: TrafficByKind
  /** The part of the traffic counts in which this connection counts now. */
  counts: TrafficCounts

  constructor({ maxPendingBytes, drainTimeoutMs }: StreamLimits, traffic: TrafficByKind) {
    super({ decodeStrings: false })
    this.traffic = traffic
    this.counts = traffic.guest
    this.#maxPendingBytes = maxPendingBytes
    this.#drain = new DrainWatch({
      timeoutMs: drainTimeoutMs,
      takenBytes: () => this.outgoing.added - this.waitingBytes,
      onStuck: () => this.waitingBytes > this.#maxPendingBytes && this.emit('stuck'),
    })
  }

  /** True while more may be written of what is sent at the reader's own pace; {@link onTaken} is called when it may again. */
  get hasRoom(): boolean {
    return this.waitingBytes <= pacedBytes
  }

  /** True while the peer has not taken so much of what was written that nothing more should be. */
  get isFull(): boolean {
    const full = this.waitingBytes > this.#maxPendingBytes
    if (full && !this.destroyed) this.#drain.watch()
    return full
  }

  /** What the peer has not taken yet of what was written. */
  get waitingBytes(): number {
    return this.outgoing.bytes + this.wire.bufferedBytes
  }

  /** Writes the last packet, which says why, if its version of MQTT has one. */
  sayFarewell(reason: Reason, reasonCode?: number): void {
    const bytes = this.dialect.farewell(reason, reasonCode)
    if (bytes) this.send(bytes)
  }

  /** Writes a message, and counts it. False when it is larger than the client accepts; then it is not sent. */
  publish(publication: Publication, flags: PublishFlags = {}): boolean {
    const bytes = this.dialect.publish(publication, flags)
    if (!bytes) return false
    this.counts.messagesOut++
    this.send(bytes)
    return true
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  answer(type: AnswerType, messageId: number, reason?: Reason): void {
    this.send(this.dialect.answer(type, messageId, reason))
  }

  /** Writes the answer to authentication after CONNECT. False when it cannot be sent. */
  authenticated(data: Buffer, isDone: boolean): boolean {
    const bytes = this.destroyed ? undefined : this.dialect.authenticated?.(data, isDone)
    if (bytes) this.send(bytes)
    return bytes !== undefined
  }

  protected send(bytes: Buffer): void {
    if (!this.destroyed) this.outgoing.add(bytes)
  }

  /** Gathers what Aedes writes; always true. */
  override write(chunk: Buffer | string): boolean {
    if (!this.destroyed) this.answers.write(chunk)
    return true
  }

  override cork(): void {}
  override uncork(): void {}

  protected stopWriting(): void {
    this.#drain.stop()
    this.outgoing.clear()
  }
}
