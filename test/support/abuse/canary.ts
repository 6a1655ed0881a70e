import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { startElsewhere } from '../processes/elsewhere.ts'
import type { RunningApp } from '../start-app.ts'
import type { createCanaryPings, PingTimes } from './canary-pings.ts'
import { type ThreadTimes, threadTimes } from './own-ms.ts'
import { watchTurns } from './watch-turns.ts'

const topic = 'app/canary'
const windowMs = 500
const idleWindows = 4
const maxTurnMs = 20
const maxIdleTurnMs = 10
const maxPingMs = 50
const maxSlowed = 3

export interface StayHealthyOptions {
  /**
   * How often the abuse is done at least; 2 when not given, and two times that are well are enough. With 1 nothing that others do on this machine is
   * told apart: for what cannot be repeated.
   */
  readonly least?: number
  /** How often at most, while it looks bad; 12 when not given, or `least`. */
  readonly most?: number
  /** Is done before each abuse and not measured: what that abuse uses up. */
  readonly prepare?: (n: number) => Promise<unknown>
}

/** A healthy client in a process of its own beside a broker in this thread. */
export interface Canary extends AsyncDisposable {
  /**
   * Does `abuse` (with 0, 1, …) again and again, each time for half a second or for as long as it takes, while the canary publishes to itself every
   * 10 ms. Fails when this thread's longest turn is 20 ms or more beyond idle (of which 10 ms count at most), or the p99 of the pings, from when each
   * was due, above max(50 ms, 3 × idle). Both are the second best of all times: what the abuse causes shows each time, what others do does not. What
   * is idle is measured only when it looks bad as if idle were nothing, and then again after each time: whoever else works on this machine comes and
   * goes, and slows both. A broker that is busy is slowed by others more than an idle one: by how much, up to three times, its pings may be slower.
   *
   * The abuse must be made elsewhere (`startAbuser`, `startElsewhere`, a child process): whatever this thread does for it counts as the broker's turn.
   */
  stayHealthyWhile(abuse: (n: number) => Promise<unknown>, options?: StayHealthyOptions): Promise<void>
}

/** Connects a canary to a broker of this process. */
export async function startCanary(running: RunningApp): Promise<Canary> {
  const acl = [{ permission: 'allow', action: 'all', topic }] as const
  const { token } = await running.admin.tokens.issueForService('canary', acl, 36_000)
  const pings = await startElsewhere<ReturnType<typeof createCanaryPings>>(
    new URL('./canary-pings.ts', import.meta.url),
    'createCanaryPings',
  )
  await pings.call('connect', running.app.ports.mqtt, token, topic)

  async function measure(act: () => Promise<unknown>): Promise<Measured> {
    using turns = watchTurns()
    const before = threadTimes()
    await pings.call('begin')
    await Promise.all([act(), setTimeout(windowMs)])
    const times = await pings.call('end')
    return { ...times, turnMs: turns.longestMs(), ownP99Ms: times.p99Ms / slowedBetween(before, threadTimes()) }
  }

  return {
    async stayHealthyWhile(abuse, { least = 2, most = Math.max(least, 12), prepare } = {}) {
      const found: Measured[] = []
      const idle: Measured[] = []
      const measureIdle = async () => void idle.push(await measure(() => Promise.resolve()))
      const idleNow = () => (idle.length === 0 ? nothing : secondBest(idle.slice(-idleWindows)))
      const bars = () => ({
        turnMs: maxTurnMs + Math.min(idleNow().turnMs, maxIdleTurnMs),
        p99Ms: Math.max(maxPingMs, 3 * idleNow().p99Ms),
      })
      const isWell = () => {
        const { turnMs, ownP99Ms } = secondBest(found)
        return turnMs < bars().turnMs && ownP99Ms < bars().p99Ms
      }
      while (found.length < least || (found.length < most && !isWell())) {
        await prepare?.(found.length)
        found.push(await measure(() => abuse(found.length)))
        if (found.length < least || isWell()) continue
        do await measureIdle()
        while (idle.length < idleWindows)
      }
      const meanwhile = secondBest(found)
      console.log(`canary: ${told(meanwhile)}; idle: ${idle.length ? told(idleNow()) : '-'}; ${found.length} times`)
      expect(meanwhile.turnMs, 'the longest turn in ms').toBeLessThan(bars().turnMs)
      expect(meanwhile.ownP99Ms, 'the p99 of the pings in ms').toBeLessThan(bars().p99Ms)
    },
    [Symbol.asyncDispose]: () => pings[Symbol.asyncDispose](),
  }
}

interface Measured extends PingTimes {
  readonly turnMs: number
  /** As if nobody had kept this thread from running. */
  readonly ownP99Ms: number
}

const nothing: Measured = { turnMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, ownP99Ms: 0 }

/** How many times as long as alone this thread took for what it did; 3 at most. */
function slowedBetween(before: ThreadTimes, after: ThreadTimes): number {
  const ranMs = after.ranMs - before.ranMs
  return ranMs > 0 ? Math.min(1 + (after.heldUpMs - before.heldUpMs) / ranMs, maxSlowed) : 1
}

/** Of each figure the second best, or the only one. */
function secondBest(all: readonly Measured[]): Measured {
  const of = (figure: keyof Measured) => {
    const sorted = all.map(one => one[figure]).sort((a, b) => a - b)
    return sorted[1] ?? sorted[0] ?? Number.POSITIVE_INFINITY
  }
  return { turnMs: of('turnMs'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), maxMs: of('maxMs'), ownP99Ms: of('ownP99Ms') }
}

const told = ({ turnMs, p50Ms, p99Ms, ownP99Ms, maxMs }: Measured): string =>
  `longest turn ${turnMs.toFixed(1)} ms, pings p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} (own ${ownP99Ms.toFixed(1)}), ` +
  `max ${maxMs.toFixed(1)}`
