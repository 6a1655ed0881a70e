import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { Outcome, Write } from '../../domain/mqtt-state/write.ts'

/** Gathers what one turn of the event loop writes into one batch, and tells in order what has come of it. */
export interface GroupCommit {
  /** Adds to the batch of this turn. Calls `whenKept` with the outcome when the batch is kept, or `undone` with why it is not. */
  write(write: Write, whenKept?: (outcome: Outcome) => void, undone?: (cause: unknown) => void): void
  /** Calls `act` when everything written so far is kept, or `undone` when the last batch of it is not; at once when nothing is under way. */
  afterCommit(act: () => void, undone?: (cause: unknown) => void): void
  /** Writes, and resolves with the outcome when that is kept; rejects when it is undone. */
  kept(write: Write): Promise<Outcome>
  /** Shows each write, as it is added, until what this gives is called. */
  watch(listener: (write: Write) => void): () => void
  /** Resolves when what is written so far is kept or undone. */
  settled(): Promise<void>
  /** More waits to be kept than should: who publishes is to wait. */
  readonly isBehind: boolean
  /** Calls `act` when that is over. */
  whenCaughtUp(act: () => void): void
}

export interface GroupCommitOptions {
  /** Calls back at the end of the turn; `setImmediate` when not given. */
  readonly schedule?: (flush: () => void) => void
  /** Told what an act after a commit, or after an undoing, has thrown: it is its own fault, and nobody else's. */
  readonly onFault: (cause: unknown) => void
}

interface Act {
  readonly kept: (outcomes: readonly Outcome[]) => void
  readonly undone: ((cause: unknown) => void) | undefined
}

interface Batch {
  readonly writes: Write[]
  readonly acts: Act[]
}

/** So many writes wait while one batch is being committed, before those who write are held. */
const maxWaiting = 4096

/**
 * A batch is begun by the first write of a turn and committed at its end, or when the one before it is, however long that takes: so there is one on its
 * way at most, and the more there is to write, the more stands in each.
 */
export function createGroupCommit(
  store: Pick<MqttStore, 'commit'>,
  { schedule = setImmediate, onFault }: GroupCommitOptions,
): GroupCommit {
  let gathering: Batch | undefined
  let committing: Batch | undefined
  /** Acts of a batch that has ended, while they are done: what comes meanwhile comes behind them. */
  let doing: Act[] | undefined
  let waitingForRoom: (() => void)[] = []
  const listeners = new Set<(write: Write) => void>()

  function gather(): Batch {
    if (gathering) return gathering
    gathering = { writes: [], acts: [] }
    if (!committing) schedule(flush)
    return gathering
  }

  /** What one throws takes nothing from the others. */
  function doOne(act: () => unknown): void {
    try {
      act()
    } catch (cause) {
      onFault(cause)
    }
  }

  function flush(): void {
    if (!gathering || committing) return
    const batch = gathering
    committing = batch
    gathering = undefined
    store.commit(batch.writes).then(
      outcomes => ended(batch, act => act.kept(outcomes)),
      cause => ended(batch, act => act.undone?.(cause)),
    )
  }

  function ended(batch: Batch, tell: (act: Act) => void): void {
    committing = undefined
    doing = batch.acts
    for (const act of doing) doOne(() => tell(act)) // those that are added meanwhile too
    doing = undefined
    if (gathering) schedule(flush)
    if (isBehind()) return
    const acts = waitingForRoom
    waitingForRoom = []
    for (const act of acts) doOne(act)
  }

  const isBehind = (): boolean => (gathering?.writes.length ?? 0) > maxWaiting

  function write(one: Write, whenKept?: (outcome: Outcome) => void, undone?: (cause: unknown) => void): void {
    const { writes, acts } = gather()
    const at = writes.push(one) - 1
    for (const listener of listeners) listener(one)
    if (whenKept || undone) acts.push({ kept: outcomes => whenKept?.(outcomeAt(outcomes, at)), undone })
  }

  function afterCommit(act: () => void, undone?: (cause: unknown) => void): void {
    const acts = gathering?.acts ?? committing?.acts ?? doing
    if (acts) acts.push({ kept: act, undone })
    else act()
  }

  return {
    write,
    afterCommit,
    kept: one => new Promise((resolve, reject) => write(one, resolve, reject)),
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    settled: () => new Promise(resolve => afterCommit(resolve, () => resolve())),
    get isBehind() {
      return isBehind()
    },
    whenCaughtUp: act => void waitingForRoom.push(act),
  }
}

function outcomeAt(outcomes: readonly Outcome[], at: number): Outcome {
  const outcome = outcomes[at]
  if (!outcome) throw new TypeError('the store has given fewer outcomes than it was given writes')
  return outcome
}
