import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What is given to the parser at once: a few requests of the shortest kind, a good part of an ordinary one. */
const portionBytes = 512

/** A request, as far as the parser has it. */
export interface Asked {
  /** Its body is there too. */
  readonly complete: boolean
}

/** Its answer, as far as it is sent. */
export interface PacedAnswer {
  readonly headersSent: boolean
}

/** 'close' follows. */
const ignore = () => {}

/**
 * A connection as Node's HTTP parser is given it: at most a portion a turn, and nothing while a request that is complete is not answered. The parser would make a request of
 * each 27 bytes that somebody sends without waiting, thousands in one turn.
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

  /** `received` is what came over it before; the parser is given no two of these at once. `later` has something done in a later turn. */
  constructor(socket: Socket, later: (act: () => void) => void, received: readonly Buffer[] = []) {
    super()
    this.socket = socket
    this.#later = later
    this.#waiting.push(...received)
    socket.off('error', ignore).on('error', ignore)
    socket.on('data', this.#received).on('end', this.#gotAll).on('timeout', this.#timedOut).on('close', this.#closed)
  }

  // What Node's server asks of a socket besides.
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

  /** Holds back what comes behind a request until `answered` was called as often. */
  asked(request: Asked, answer: PacedAnswer): void {
    this.#latest = request
    this.#answer = answer
    this.#unanswered++
  }

  answered(): void {
    this.#unanswered--
    this.#schedule()
  }

  /** True while a request that came over it is not answered. */
  get isAnswering(): boolean {
    return this.#unanswered > 0
  }

  /** True while the answer to one is on its way. */
  get hasBegunAnswer(): boolean {
    return this.isAnswering && this.#answer?.headersSent === true
  }

  /** Lets go of the socket, for somebody else to have. Answers what came and was not given to the parser. */
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
