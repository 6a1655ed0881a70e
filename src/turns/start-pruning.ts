import { createPortion } from './portion.ts'

/** Something that is pruned while the program runs. */
export interface Pruning {
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>
}

interface Options {
  /** Removes at most `atMost` rows; true when there may be more. */
  readonly prune: (atMost: number) => Promise<boolean>
  /** Told what `prune` rejected with. */
  readonly onFault: (cause: unknown) => void
  readonly firstPassAfterMs: number
}

const passEveryMs = 3600 * 1000
/** Leaves room for messages between two deletions. */
const pauseMs = 25
const bounds = { least: 10, most: 500 }

/** Prunes every hour, in small deletions. A fault ends the pass. */
export function startPruning({ prune, onFault, firstPassAfterMs }: Options): Pruning {
  const portion = createPortion(bounds)
  let timer: NodeJS.Timeout
  let step: Promise<void> = Promise.resolve()
  let stopped = false

  function stepAfter(delayMs: number): void {
    timer = setTimeout(() => {
      step = pruneSome()
    }, delayMs).unref()
  }

  async function pruneSome(): Promise<void> {
    let more = false
    try {
      more = await portion.run(prune)
    } catch (cause) {
      onFault(cause)
    }
    if (!stopped) stepAfter(more ? pauseMs : passEveryMs)
  }

  stepAfter(firstPassAfterMs)
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await step
    },
  }
}
