import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import { kept, type Outcome, type Write } from '../../domain/mqtt-state/write.ts'

/** Gathers what one turn of the event loop writes into one batch, and tells in order what has come of it. */
export interface GroupCommit {
  /**
   * Adds to the batch of this turn. Calls `whenKept` with the outcome when the batch is kept, or `undone` with why it is not. Of what is written
   * `by` somebody nothing is kept behind what was not: it would overtake that when it comes again.
   */
  write(write: Write, whenKept?: (outcome: Outcome) => void, undone?: (cause: unknown) => void, by?: object): void
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

/** A write, or an act that waits for those before it. */
interface Entry {
  readonly write?: Write
  readonly by?: object | undefined
  readonly kept?: ((outcome: Outcome) => void) | undefined
  readonly undone?: ((cause: unknown) => void) | undefined
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
  let gathering: Entry[] | undefined
  let waitingWrites = 0
  let committing: Entry[] | undefined
  /** What has ended, while it is told: what comes meanwhile comes behind it. */
  let telling: Entry[] | undefined
  let waitingForRoom: (() => void)[] = []
  const listeners = new Set<(write: Write) => void>()

  function gather(): Entry[] {
    if (gathering) return gathering
    gathering = []
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
    waitingWrites = 0
    const writes = batch.flatMap(({ write }) => write ?? [])
    const committed = writes.length > 0 ? store.commit(writes) : Promise.resolve([])
    committed.then(
      outcomes => isKept(batch, outcomes),
      cause => isUndone(batch, cause),
    )
  }

  function isKept(batch: Entry[], outcomes: readonly Outcome[]): void {
    const left = outcomes[Symbol.iterator]()
    end(batch, entry => {
      const outcome = entry.write ? left.next().value : kept
      if (!outcome) throw new TypeError('the store has given fewer outcomes than it was given writes')
      entry.kept?.(outcome)
    })
  }

  function isUndone(batch: Entry[], cause: unknown): void {
    const failed = new Set(batch.flatMap(({ by }) => by ?? []))
    const isBehindFailed = ({ by }: Entry) => by !== undefined && failed.has(by)
    const behind = gathering?.filter(isBehindFailed) ?? []
    gathering = gathering?.filter(entry => !isBehindFailed(entry))
    end([...batch, ...behind], ({ undone }) => undone?.(cause))
  }

  function end(entries: Entry[], tell: (entry: Entry) => void): void {
    committing = undefined
    const ended = entries.length
    telling = entries // and what is added meanwhile
    for (const [at, entry] of entries.entries()) doOne(() => (at < ended ? tell(entry) : entry.kept?.(kept)))
    telling = undefined
    if (gathering) schedule(flush)
    if (isBehind()) return
    const acts = waitingForRoom
    waitingForRoom = []
    for (const act of acts) doOne(act)
  }

  const isBehind = (): boolean => waitingWrites > maxWaiting

  function write(
    one: Write,
    whenKept?: (outcome: Outcome) => void,
    undone?: (cause: unknown) => void,
    by?: object,
  ): void {
    gather().push({ write: one, by, kept: whenKept, undone })
    waitingWrites++
    for (const listener of listeners) listener(one)
  }

  function afterCommit(act: () => void, undone?: (cause: unknown) => void): void {
    const entries = gathering ?? committing ?? telling
    if (entries) entries.push({ kept: act, undone })
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
