import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What the parser gets at once: a few of the shortest requests, or a good part of an ordinary one. */
const portionBytes = 512

/** A request, as far as it is parsed. */
export interface Asked {
  /** The body has arrived too. */
  readonly complete: boolean
}

/** Its answer, as far as it is sent. */
export interface PacedAnswer {
  readonly headersSent: boolean
}

/** 'close' follows. */
const ignore = () => {}

/**
 * A connection as Node's HTTP parser sees it: at most one portion a turn, and nothing while a complete request is not answered. Otherwise the parser would
 * make a request of every 27 bytes that a client sends without waiting, thousands in one turn.
 */
export class PacedSocket extends Duplex {
  readonly socket: Socket
  readonly #later: (act: () => void) => void
  #waiting: Buffer[] = []
  #unanswered = 0
  #latest: Asked | undefined
  #answer: PacedAnswer | undefined
  #isScheduled = false
  #wants = false
  #ended = false
  #isReleased = false
  readonly #received = (bytes: Buffer) => {
    this.#waiting.push(bytes)
    this.socket.pause()
    this.#schedule()
  }
  readonly #gotAll = () => {
    this.#ended = true
    this.#schedule()
  }
  readonly #timedOut = () => this.emit('timeout')
  readonly #closed = () => this.destroy()

  /** `received` arrived before; the parser gets these buffers one at a time. `later` runs a function in a later turn. */
  constructor(socket: Socket, later: (act: () => void) => void, received: readonly Buffer[] = []) {
    super()
    this.socket = socket
    this.#later = later
    this.#waiting.push(...received)
    socket.off('error', ignore).on('error', ignore)
    socket.on('data', this.#received).on('end', this.#gotAll).on('timeout', this.#timedOut).on('close', this.#closed)
  }

  // Other members that Node's server uses.
  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress
  }

  setTimeout(ms: number): this {
    this.socket.setTimeout(ms)
    return this
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy()).end()
  }

  /** Holds back what comes behind a request until `answered` is called as often. */
  asked(request: Asked, answer: PacedAnswer): void {
    this.#latest = request
    this.#answer = answer
    this.#unanswered++
  }

  answered(): void {
    this.#unanswered--
    this.#schedule()
  }

  /** True while a request is not answered. */
  get isAnswering(): boolean {
    return this.#unanswered > 0
  }

  /** True while an answer is being sent. */
  get hasBegunAnswer(): boolean {
    return this.isAnswering && this.#answer?.headersSent === true
  }

  /** Gives up the socket. Returns what arrived and was not given to the parser. */
  release(): Buffer {
    const { socket } = this
    socket
      .off('data', this.#received)
      .off('end', this.#gotAll)
      .off('timeout', this.#timedOut)
      .off('close', this.#closed)
    socket.setTimeout(0)
    this.#isReleased = true
    return Buffer.concat(this.#waiting)
  }

  override _read(): void {
    this.#wants = true
    this.#schedule()
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.socket.write(bytes, error => done(error))
  }

  override _final(done: () => void): void {
    this.socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#waiting = []
    if (!this.#isReleased) this.socket.destroy()
    done(error)
  }

  get #isHeld(): boolean {
    return this.#unanswered > 0 && this.#latest?.complete === true
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isHeld) return
    this.#isScheduled = true
    this.#later(() => {
      this.#isScheduled = false
      this.#give()
    })
  }

  #give(): void {
    if (this.destroyed || !this.#wants || this.#isHeld) return
    const [first] = this.#waiting
    if (!first) {
      if (this.#ended) this.push(null)
      else this.socket.resume()
      return
    }
    if (first.length > portionBytes) this.#waiting[0] = first.subarray(portionBytes)
    else this.#waiting.shift()
    this.#wants = false
    this.push(first.subarray(0, portionBytes))
  }
}
