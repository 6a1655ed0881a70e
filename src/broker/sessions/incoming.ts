/** What is told when it is known whether a message's beginning, or its release, is kept. */
type Told = (isKept: boolean) => void

interface Stage {
  readonly is: 'begun' | 'released'
  /** Undefined when it is kept. */
  waiting: Told[] | undefined
}

/**
 * The messages at QoS 2 that a session has begun and not released, by packet id, whatever connections it uses (MQTT 3.1.1 section 4.3.3). One that
 * comes again while the first is still being kept is told what becomes of that.
 */
export class Incoming {
  readonly #stages = new Map<number, Stage>()

  /** How many are begun. */
  get size(): number {
    return this.#stages.size
  }

  /** Whether a message is begun under this packet id, and not released for good. */
  has(messageId: number): boolean {
    return this.#stages.has(messageId)
  }

  /** Takes up what an earlier process has left. */
  restore(messageId: number): void {
    this.#stages.set(messageId, { is: 'begun', waiting: undefined })
  }

  /** Begins a message. The answer is to be called when it is known whether that is kept; undefined when it is begun, or just being released. */
  begin(messageId: number): Told | undefined {
    if (this.#stages.has(messageId)) return undefined
    const stage: Stage = { is: 'begun', waiting: [] }
    this.#stages.set(messageId, stage)
    return isKept => {
      if (!isKept && this.#stages.get(messageId) === stage) this.#stages.delete(messageId)
      settle(stage, isKept)
    }
  }

  /** The same for its release; undefined when none is begun, or it is being released. */
  release(messageId: number): Told | undefined {
    if (this.#stages.get(messageId)?.is !== 'begun') return undefined
    const stage: Stage = { is: 'released', waiting: [] }
    this.#stages.set(messageId, stage)
    return isKept => {
      if (isKept) this.#stages.delete(messageId)
      else this.#stages.set(messageId, { is: 'begun', waiting: undefined })
      settle(stage, isKept)
    }
  }

  /** Tells when what is known of the packet id is kept: now, unless that is under way. */
  whenKept(messageId: number, told: Told): void {
    const waiting = this.#stages.get(messageId)?.waiting
    if (waiting) waiting.push(told)
    else told(true)
  }
}

function settle(stage: Stage, isKept: boolean): void {
  const waiting = stage.waiting ?? []
  stage.waiting = undefined
  for (const told of waiting) told(isKept)
}
