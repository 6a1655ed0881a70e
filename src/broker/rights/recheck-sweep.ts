import type { Principal } from '../../domain/principal.ts'
import type { ConnectRefusal } from '../../domain/sign-in.ts'
import { inTurns, nextTurn, turnMs } from '../../turns/in-turns.ts'

/** A session whose rights are looked up again. */
export interface Swept {
  readonly principal: Principal
  /** Told what it may do now; the same `principal` object when nothing has changed. */
  readonly settle: (current: Principal | ConnectRefusal) => void
}

/** Sessions whose rights are looked up by the same rule. */
export interface SweptGroup {
  readonly sessions: () => readonly Swept[]
  readonly lookUp: (principals: readonly Principal[]) => Promise<readonly (Principal | ConnectRefusal)[]>
}

/** Looks up again what all sessions may do. */
export interface RecheckSweep {
  /** Begins a sweep; while one is under way, goes through all sessions once more after it. Never throws. */
  start(): void
  stop(): void
}

interface Options {
  /** One group after the other. */
  readonly groups: readonly SweptGroup[]
  readonly failed: (cause: unknown) => void
}

const pauseMs = 250
const againMs = 1000
const firstBatch = 50
const largestBatch = 500

/** Some hundred sessions a turn, as many as fit into five milliseconds. A look-up that failed is repeated a second later. */
export function createRecheckSweep({ groups, failed }: Options): RecheckSweep {
  let underWay = false
  let due = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function sweep({ sessions, lookUp }: SweptGroup): Promise<void> {
    const all = sessions()
    let size = firstBatch
    for (let from = 0; from < all.length && !stopped; ) {
      const batch = all.slice(from, from + size)
      from += size
      const startedAtMs = performance.now()
      const current = await lookUp(batch.map(({ principal }) => principal))
      const tookMs = performance.now() - startedAtMs
      size = Math.max(1, Math.min(largestBatch, Math.round((size * turnMs) / Math.max(tookMs, 1))))
      await nextTurn()
      await inTurns(batch.entries(), ([index, { settle }]) => {
        const found = current[index]
        if (found !== undefined) settle(found)
      })
      await nextTurn()
    }
  }

  async function sweepAll(): Promise<void> {
    underWay = true
    due = false
    let delayMs = pauseMs
    try {
      for (const group of groups) await sweep(group)
    } catch (cause) {
      if (!stopped) failed(cause)
      due = true
      delayMs = againMs
    }
    underWay = false
    if (due && !stopped) timer = setTimeout(() => void sweepAll(), delayMs).unref()
  }

  return {
    start() {
      const waits = due
      due = true
      if (!underWay && !waits && !stopped) void sweepAll()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
