import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import type { Config } from '../../src/config/config.ts'
import { anyBody } from './any-body.ts'
import { type Held, leaksSince, usedHeapMb, whatIsHeld } from './leaks.ts'
import { playScript } from './play-script.ts'
import { createRandom, seedOf } from './random.ts'
import { makeScript } from './script.ts'
import { startWorld, type World } from './start-world.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Stops after the batch that reaches so many packets. */
  readonly inputs: number
  /** The first batch: a batch that failed is repeated from there. */
  readonly batch?: number
  readonly configure: (config: Config) => Config
  readonly progress?: (report: FuzzReport) => void
}

export interface FuzzReport {
  readonly inputs: number
  readonly connections: number
  readonly batches: number
  /** The slowest answer to the canary between two batches. */
  readonly slowestCanaryMs: number
  /** What the heap has grown by since the first batches. */
  readonly heapGrowthMb: number
}

const connectionsPerBatch = 40
const bodiesPerBatch = 150
/** Batches until everything that is fuzzed has its names, sessions and caches. */
const warmUpBatches = 5
const settleMs = 15_000

/**
 * Runs batches of connections that send packets and bodies, mostly right ones, against the real program. After each batch the canary must be
 * answered and nothing may have failed; at the end nothing may be left over. Rejects with the seed and batch to repeat.
 */
export async function fuzz({
  seed,
  inputs: wanted,
  batch: first = 0,
  configure,
  progress,
}: FuzzOptions): Promise<FuzzReport> {
  await using world = await startWorld(configure)
  const bodies = anyBody(world.deviceIds)
  await world.canary.roundTrip()
  const before = whatIsHeld(world)
  let heapBeforeMb = usedHeapMb()
  let report: FuzzReport = { inputs: 0, connections: 0, batches: 0, slowestCanaryMs: 0, heapGrowthMb: 0 }

  while (report.inputs < wanted) {
    const batch = first + report.batches
    try {
      const sent = await playBatch(world, bodies, seedOf(seed, batch))
      await settled(world, before)
      const canaryMs = await world.canary.roundTrip()
      if (world.faults.length > 0) throw new Error(`faults were announced:\n${world.faults.join('\n')}`)
      report = {
        inputs: report.inputs + sent,
        connections: report.connections + connectionsPerBatch,
        batches: report.batches + 1,
        slowestCanaryMs: Math.max(report.slowestCanaryMs, canaryMs),
        heapGrowthMb: report.heapGrowthMb,
      }
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause)
      const faults = world.faults.join('\n')
      throw new Error(`LATCHKEY_FUZZ_SEED=${seed} LATCHKEY_FUZZ_BATCH=${batch} repeats this: ${problem}\n${faults}`, {
        cause,
      })
    }
    world.running.lines.length = 0
    if (report.batches === warmUpBatches) heapBeforeMb = usedHeapMb()
    if (report.batches % 100 === 0) report = { ...report, heapGrowthMb: usedHeapMb() - heapBeforeMb }
    progress?.(report)
  }

  return { ...report, heapGrowthMb: usedHeapMb() - heapBeforeMb }
}

/** All of its connections at once. Resolves with the packets sent. */
async function playBatch(world: World, anyOfThem: fc.Arbitrary<Buffer>, seed: number): Promise<number> {
  const random = createRandom(seed)
  const bodies = fc.sample(anyOfThem, { seed, numRuns: bodiesPerBatch })
  const actors = await world.actors()
  const plays = Array.from({ length: connectionsPerBatch }, (_, index) =>
    playScript(makeScript(random, actors, bodies), world.running.app.ports, seedOf(seed, index)),
  )
  const ended = await Promise.allSettled(plays)
  const failed = ended.find(end => end.status === 'rejected')
  if (failed) throw failed.reason
  return ended.reduce((total, end) => total + (end.status === 'fulfilled' ? end.value : 0), 0)
}

/** Waits until the broker has seen the end of all connections, and holds nothing of them. */
async function settled(world: World, before: Held): Promise<void> {
  const deadlineMs = performance.now() + settleMs
  for (;;) {
    const leaks = leaksSince(before, whatIsHeld(world))
    if (leaks.length === 0) return
    if (performance.now() > deadlineMs) throw new Error(`left over: ${leaks.join('; ')}`)
    await setTimeout(5)
  }
}
