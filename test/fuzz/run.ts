import { fuzz } from './fuzz.ts'
import { roomForFuzzing } from './start-world.ts'

/** A million inputs, or as many as `--inputs N` says, from LATCHKEY_FUZZ_SEED, or one of its own, which is printed. */
const at = process.argv.indexOf('--inputs')
const inputs = at < 0 ? 1_000_000 : Number(process.argv[at + 1])
const seed = Number(process.env.LATCHKEY_FUZZ_SEED ?? Date.now() % 2 ** 32)
const batch = Number(process.env.LATCHKEY_FUZZ_BATCH ?? 0)
if (![inputs, seed, batch].every(Number.isSafeInteger)) throw new Error('inputs, seed and batch must be whole numbers')

console.log(`LATCHKEY_FUZZ_SEED=${seed}`)
const startedAtMs = performance.now()
const line = ({ inputs: sent, connections, slowestCanaryMs, heapGrowthMb }: Awaited<ReturnType<typeof fuzz>>) => {
  const perSecond = Math.round((sent / (performance.now() - startedAtMs)) * 1000)
  const rssMb = Math.round(process.memoryUsage().rss / 2 ** 20)
  return `${sent} inputs on ${connections} connections, ${perSecond}/s, canary at most ${slowestCanaryMs.toFixed(0)} ms, heap ${heapGrowthMb.toFixed(1)} MB more, ${rssMb} MB in all`
}
const report = await fuzz({
  seed,
  inputs,
  batch,
  configure: roomForFuzzing,
  progress: now => {
    if (now.batches % 100 === 0) console.log(line(now))
  },
})
console.log(line(report))
process.exit(0)
