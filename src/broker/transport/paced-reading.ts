import { createPace, type Pace } from './pace.ts'
import { answerShare } from './packets/incoming-packets.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { TurnWork } from './turn-work.ts'
import type { Wire } from './wires/wire.ts'

export interface PacedReadingOptions {
  readonly wire: Wire
  readonly limits: StreamLimits
  readonly turnWork: TurnWork
  /** Stops reading until the returned function is called. */
  readonly hold: () => () => void
  /** Takes what was received, in a later turn. */
  readonly goOn: () => void
  /** True while as much as may wait is received and not handed over. */
  readonly isAhead: () => boolean
  /** Told each time that the client was too fast, with the milliseconds for which it has had no rest. */
  readonly onSlowed: (forMs: number) => void
}

/** How many values of a report are no more work than any packet. */
const lightValues = 50
/** How many more count as a message. */
const valuesPerMessage = 20
/** How many filters of a packet are no more work than any packet. */
const lightFilters = 20
/** One more filter is as much work as this many values of a report: a portion of a hundred is a turn's work. */
const valuesPerFilter = 5
/** A CONNECT is as much work as this many values of a report: a signature to verify, some look-ups, a session. Ten are a turn's work. */
const valuesOfConnect = 50
/** Longer input may be much work, whoever sends it. */
const lightBytes = 4 * 1024

/** Reads from a wire no more than may wait, and no faster than its client may send: what is not read waits at the client. */
export class PacedReading {
  readonly #options: PacedReadingOptions
  readonly #pace: Pace
  #waiting: NodeJS.Timeout | undefined
  #isPaused = false
  #isOver = false
  /** True when something that it sent was more work than a message. */
  #isHeavy = false
  readonly #goOn = () => {
    if (!this.#isOver) this.#options.goOn()
  }

  constructor(options: PacedReadingOptions) {
    this.#options = options
    this.#pace = createPace(options.limits)
  }

  /** True while nothing is taken from the wire. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** How many messages may still come now. */
  messagesLeft(): number {
    return this.#pace.messagesLeft()
  }

  /** Notes what was handed over, and holds back the rest when that came too fast. */
  spent(messages: number, bytes: number): void {
    const waitMs = this.#pace.spent(messages, bytes)
    if (waitMs === 0 || this.#waiting || this.#isOver) return
    const release = this.#options.hold()
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined
      release()
      this.readOn()
    }, waitMs)
    this.#options.onSlowed(this.#pace.slowedForMs())
  }

  /**
   * Notes that what was handed over took work on this many values. Beyond those of an ordinary report they count as messages in the client's pace, and as
   * work of this turn.
   */
  tookWork(values: number): void {
    const beyond = values - lightValues
    if (beyond <= 0) return
    this.#isHeavy = true
    this.#options.turnWork.done(beyond)
    this.spent(beyond / valuesPerMessage, 0)
  }

  /**
   * Notes that what was handed over is a SUBSCRIBE or UNSUBSCRIBE of this many filters: many are work of this turn. The client's pace has counted them
   * already.
   */
  tookFilters(filters: number): void {
    if (filters <= lightFilters) return
    this.#isHeavy = true
    this.#options.turnWork.done(filters * valuesPerFilter)
  }

  /** Notes that a CONNECT was handed over, which is work of this turn: hundreds may come at one moment. */
  tookConnect(): void {
    this.#options.turnWork.done(valuesOfConnect)
  }

  /** True while the next packet, of which this many bytes are received, is or may be much work and this turn has had enough. */
  mustWait(bytes: number, isMuch = false): boolean {
    return this.#options.turnWork.isSpent && (isMuch || this.#isHeavy || bytes > lightBytes)
  }

  /** Has what was received taken in a later turn. */
  waitForTurn(): void {
    this.#options.turnWork.later(this.#goOn)
  }

  /** Input that completes no packet (an empty WebSocket frame, a part of a packet) counts like an acknowledgement. Nothing more is read until it may come. */
  dribbled(): void {
    this.spent(answerShare, 0)
    if (this.#waiting) this.pause()
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#options.wire.pause()
  }

  /** Reads on, unless there is a reason not to. */
  readOn(): void {
    if (!this.#isPaused || this.#waiting || this.#options.isAhead()) return
    this.#isPaused = false
    this.#options.wire.resume()
  }

  /** To be called when the stream ends. */
  stop(): void {
    this.#isOver = true
    clearTimeout(this.#waiting)
  }
}
