/** Told when it is known whether the beginning of a message, or its release, is kept. */
type Told = (isKept: boolean) => void

interface Stage {
  readonly is: 'begun' | 'released'
  /** Undefined when it is kept. */
  waiting: Told[] | undefined
}

/**
 * The messages at QoS 2 that a session has begun and not released, by packet id, over all its connections (MQTT 3.1.1 section 4.3.3). A message that comes
 * again while the first is still being kept is told the outcome of the first.
 */
export class Incoming {
  readonly #stages = new Map<number, Stage>()

  /** How many are begun. */
  get size(): number {
    return this.#stages.size
  }

  /** Whether a message has begun under this packet id and is not yet released. */
  has(messageId: number): boolean {
    return this.#stages.has(messageId)
  }

  /** Takes up the messages that an earlier process has left. */
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

  /** The same for its release; undefined when none has begun, or it is just being released. */
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

  /** Tells when the state of the packet id is kept: now, unless that is under way. */
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
