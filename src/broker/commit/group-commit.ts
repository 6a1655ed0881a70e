import { type Message, sizeOf } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import { kept, type Outcome, type Write } from '../../domain/mqtt-state/write.ts'

/** Gathers what one turn of the event loop writes into one batch, and tells the outcomes in order. */
export interface GroupCommit {
  /**
   * Adds to the batch of this turn. Calls `whenKept` with the outcome when the batch is kept, or `undone` with why it is not. When a write `by` somebody is
   * not kept, none of their later writes is kept either: it would overtake the first one when that comes again.
   */
  write(write: Write, whenKept?: (outcome: Outcome) => void, undone?: (cause: unknown) => void, by?: object): void
  /** What is written from here on need not be kept together with what was written before: a large batch ends here, and the next begins. */
  seam(): void
  /**
   * Calls `act` when everything written so far is kept, or `undone` when the last batch of it is not; at once when nothing is under way. `by`: as in {@link
   * GroupCommit.write}.
   */
  afterCommit(act: () => void, undone?: (cause: unknown) => void, by?: object): void
  /** Writes, and resolves with the outcome when that is kept; rejects when it is undone. */
  kept(write: Write): Promise<Outcome>
  /** Shows `listener` each write as it is added, until the returned function is called. */
  watch(listener: (write: Write) => void): () => void
  /** Resolves when what is written so far is kept or undone. */
  settled(): Promise<void>
  /** More waits to be kept than should: publishers must wait. */
  readonly isBehind: boolean
  /** Calls `act` when that is over. */
  whenCaughtUp(act: () => void): void
}

export interface GroupCommitOptions {
  /** Calls back at the end of the turn; `setImmediate` when not given. */
  readonly schedule?: (flush: () => void) => void
  /** Told what a callback after a commit, or after an undone batch, has thrown: nothing else fails with it. */
  readonly onFault: (cause: unknown) => void
}

/** A write, or a callback that waits for the writes before it. */
interface Entry {
  readonly write?: Write
  readonly by?: object | undefined
  readonly kept?: ((outcome: Outcome) => void) | undefined
  readonly undone?: ((cause: unknown) => void) | undefined
}

interface Batch {
  readonly entries: Entry[]
  /** About how many rows it takes. */
  work: number
}

/**
 * A batch of this much work ends at the next seam: on SQLite it is one turn, of ten milliseconds or so. A quarter of it costs half of what is acknowledged
 * for fifty sessions that are away, for every batch writes the pages of all their queues (`npm run bench:peers -- --only away`).
 */
const maxBatchWork = 512
/** This many bytes are as much work as a row. */
const bytesPerRow = 4096
/** How much may wait while one batch is being committed, before publishers are held. */
const maxWaitingWork = 4096

/**
 * The first write of a turn begins a batch. It is committed at the end of the turn, or when the one before it is, however long that takes. So at most one
 * is on its way, and the more there is to write, the more each holds, up to what one turn can take.
 */
export function createGroupCommit(
  store: Pick<MqttStore, 'commit'>,
  { schedule = setImmediate, onFault }: GroupCommitOptions,
): GroupCommit {
  let gathering: Batch | undefined
  /** Earlier batches, which wait unchanged. */
  const full: Batch[] = []
  let waitingWork = 0
  let committing: Batch | undefined
  /** What has ended and is being told; what ends meanwhile is told after it. */
  let telling: Entry[] | undefined
  let waitingForRoom: (() => void)[] = []
  const listeners = new Set<(write: Write) => void>()

  function gather(): Batch {
    if (gathering) return gathering
    gathering = { entries: [], work: 0 }
    if (!committing && full.length === 0) schedule(flush)
    return gathering
  }

  /** What one callback throws does not affect the others. */
  function doOne(act: () => unknown): void {
    try {
      act()
    } catch (cause) {
      onFault(cause)
    }
  }

  function flush(): void {
    if (committing) return
    const batch = full.shift() ?? gathering
    if (!batch) return
    if (batch === gathering) gathering = undefined
    committing = batch
    waitingWork -= batch.work
    const { entries } = batch
    const writes = entries.flatMap(({ write }) => write ?? [])
    const committed = writes.length > 0 ? store.commit(writes) : Promise.resolve([])
    committed.then(
      outcomes => isKept(entries, outcomes),
      cause => isUndone(entries, cause),
    )
  }

  function isKept(entries: Entry[], outcomes: readonly Outcome[]): void {
    const left = outcomes[Symbol.iterator]()
    end(entries, entry => {
      const outcome = entry.write ? left.next().value : kept
      if (!outcome) throw new TypeError('the store has given fewer outcomes than it was given writes')
      entry.kept?.(outcome)
    })
  }

  function isUndone(entries: Entry[], cause: unknown): void {
    const failed = new Set(entries.flatMap(({ by }) => by ?? []))
    const waiting = gathering ? [...full, gathering] : full
    const behind = waiting.flatMap(batch => takeOut(batch, ({ by }) => by !== undefined && failed.has(by)))
    end([...entries, ...behind], ({ undone }) => undone?.(cause))
  }

  function takeOut(batch: Batch, matches: (entry: Entry) => boolean): Entry[] {
    const taken = batch.entries.filter(matches)
    if (taken.length === 0) return taken
    const left = batch.entries.filter(entry => !matches(entry))
    batch.entries.splice(0, batch.entries.length, ...left)
    const work = taken.reduce((sum, { write }) => sum + (write ? workOf(write) : 0), 0)
    batch.work -= work
    waitingWork -= work
    return taken
  }

  function end(entries: Entry[], tell: (entry: Entry) => void): void {
    committing = undefined
    const ended = entries.length
    telling = entries // and what is added meanwhile
    for (const [at, entry] of entries.entries()) doOne(() => (at < ended ? tell(entry) : entry.kept?.(kept)))
    telling = undefined
    if (gathering ?? full[0]) schedule(flush)
    if (isBehind()) return
    const acts = waitingForRoom
    waitingForRoom = []
    for (const act of acts) doOne(act)
  }

  const isBehind = (): boolean => waitingWork > maxWaitingWork

  function write(
    one: Write,
    whenKept?: (outcome: Outcome) => void,
    undone?: (cause: unknown) => void,
    by?: object,
  ): void {
    const batch = gather()
    const work = workOf(one)
    batch.entries.push({ write: one, by, kept: whenKept, undone })
    batch.work += work
    waitingWork += work
    for (const listener of listeners) listener(one)
  }

  function afterCommit(act: () => void, undone?: (cause: unknown) => void, by?: object): void {
    const entries = (gathering ?? full.at(-1) ?? committing)?.entries ?? telling
    if (entries) entries.push({ by, kept: act, undone })
    else act()
  }

  return {
    write,
    seam() {
      if (!gathering || gathering.work < maxBatchWork) return
      full.push(gathering)
      gathering = undefined
    },
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

function workOf(write: Write): number {
  switch (write.kind) {
    case 'message': {
      const { retained, queued = [] } = write
      const rows = 1 + (retained ? rowsOf(retained.message) : 0)
      return queued.reduce((sum, { message, recipients }) => sum + recipients.length + rowsOf(message), rows)
    }
    case 'give':
      return write.recipients.length
    case 'subscribed':
      return write.subscriptions.length
    case 'unsubscribed':
      return write.filters.length
    default:
      return 1
  }
}

const rowsOf = (message: Message): number => Math.floor(sizeOf(message) / bytesPerRow)
