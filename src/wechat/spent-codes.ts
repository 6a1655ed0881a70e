import { createHash } from 'node:crypto'
import type { Clock } from '../domain/request.ts'

/** How long WeChat keeps a login code. */
const lifetimeMs = 5 * 60_000

/** Remembers, as hashes, which login codes were used, for as long as they could be used again. */
export interface SpentCodes {
  /** True the first time a code is seen within five minutes; false after that. */
  spend(code: string): boolean
}

/** Past `capacity` codes the oldest is forgotten: WeChat itself then refuses it. */
export function createSpentCodes({ now, capacity = 50_000 }: { now: Clock; capacity?: number }): SpentCodes {
  // In order of spending, so the oldest comes first.
  const spentAtMs = new Map<string, number>()
  const forget = (isOver: (atMs: number) => boolean) => {
    for (const [hash, atMs] of spentAtMs) {
      if (!isOver(atMs)) return
      spentAtMs.delete(hash)
    }
  }
  return {
    spend(code) {
      const nowMs = now()
      forget(atMs => nowMs - atMs >= lifetimeMs)
      const hash = createHash('sha256').update(code).digest('base64')
      if (spentAtMs.has(hash)) return false
      forget(() => spentAtMs.size >= capacity)
      spentAtMs.set(hash, nowMs)
      return true
    },
  }
}
