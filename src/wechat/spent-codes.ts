import { createHash } from 'node:crypto'
import type { Clock } from '../domain/request.ts'

/** How long WeChat keeps a login code. */
const lifetimeMs = 5 * 60_000

/** Remembers hashes of used login codes for as long as they could be used again. */
export interface SpentCodes {
  /** True the first time a code is seen within five minutes; false after that. */
  spend(code: string): boolean
  /** Notes that WeChat gave no verdict on a spent code. */
  lose(code: string): void
  /** True for a code noted so. */
  isLost(code: string): boolean
}

/** Beyond `capacity` codes the oldest is forgotten; WeChat itself then refuses it. */
export function createSpentCodes({ now, capacity = 50_000 }: { now: Clock; capacity?: number }): SpentCodes {
  // In the order of use, the oldest first.
  const spent = new Map<string, { readonly atMs: number; isLost: boolean }>()
  const hashOf = (code: string) => createHash('sha256').update(code).digest('base64')
  const forget = (isOver: (atMs: number) => boolean) => {
    for (const [hash, { atMs }] of spent) {
      if (!isOver(atMs)) return
      spent.delete(hash)
    }
  }
  return {
    spend(code) {
      const nowMs = now()
      forget(atMs => nowMs - atMs >= lifetimeMs)
      const hash = hashOf(code)
      if (spent.has(hash)) return false
      forget(() => spent.size >= capacity)
      spent.set(hash, { atMs: nowMs, isLost: false })
      return true
    },
    lose(code) {
      const known = spent.get(hashOf(code))
      if (known) known.isLost = true
    },
    isLost: code => spent.get(hashOf(code))?.isLost === true,
  }
}
