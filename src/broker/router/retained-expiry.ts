import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { Clock } from '../../domain/request.ts'
import type { GroupCommit } from '../commit/group-commit.ts'

const lookEveryMs = 60_000
/** When there were some, there may be more. */
const lookAgainMs = 1000

/** Removes what is retained when its time is over. Nobody is sent it from that moment on, removed or not, so a minute does not matter. */
export function startRetainedExpiry(parts: {
  readonly store: Pick<MqttStore, 'retained'>
  readonly commits: Pick<GroupCommit, 'write'>
  readonly onFault: (where: string, cause: unknown) => void
  readonly now: Clock
}): { stop(): void } {
  const { store, commits, onFault, now } = parts
  const failed = (cause: unknown) => onFault('removing retained messages', cause)
  let timer: NodeJS.Timeout
  let isOver = false

  async function look(): Promise<void> {
    const atMs = now()
    const topics = await store.retained.expired(atMs)
    for (const topic of topics) commits.write({ kind: 'retained-expired', topic, atMs }, undefined, failed)
    plan(topics.length > 0 ? lookAgainMs : lookEveryMs)
  }

  function plan(afterMs: number): void {
    if (isOver) return
    timer = setTimeout(() => {
      look().catch((cause: unknown) => {
        failed(cause)
        plan(lookEveryMs)
      })
    }, afterMs).unref()
  }
  plan(0)

  return {
    stop() {
      isOver = true
      clearTimeout(timer)
    },
  }
}
