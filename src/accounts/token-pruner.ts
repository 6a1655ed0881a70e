import type { AccountStore } from '../domain/account.ts'
import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'

interface Options {
  readonly store: Pick<AccountStore, 'pruneTokens'>
  readonly events: Events
  readonly now: Clock
  /** 30 s when not given. */
  readonly firstPassAfterMs?: number
}

const passEveryMs = 3600 * 1000
/** Between two deletions messages go on. */
const pauseMs = 25
/** Their ids are random, so each is on another page of the file. */
const tokensPerStep = 100

/** Forgets tokens that have expired: every hour, a small deletion at a time. A fault of the store is announced as 'fault'. */
export function startTokenPruner({ store, events, now, firstPassAfterMs = 30_000 }: Options): {
  stop(): Promise<void>
} {
  let timer: NodeJS.Timeout
  let step: Promise<void> = Promise.resolve()
  let stopped = false
  const stepAfter = (delayMs: number) => {
    timer = setTimeout(() => {
      step = prune()
    }, delayMs).unref()
  }
  async function prune(): Promise<void> {
    let more = false
    try {
      more = await store.pruneTokens(now(), tokensPerStep)
    } catch (cause) {
      events.emit('fault', { where: 'pruning tokens', cause })
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
