import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Progress, soak } from './soak.ts'
import { bars, problemsOf } from './verdict.ts'

// npm run soak -- [--minutes 60] [--every SECONDS] [--devices N] [--users N] [--phones N] [--rate N] [--churn N] [--slow BYTES_PER_SECOND] [--seed N]
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '60' },
    devices: { type: 'string', default: '120' },
    users: { type: 'string', default: '20' },
    phones: { type: 'string', default: '3' },
    rate: { type: 'string', default: '200' },
    churn: { type: 'string', default: '5' },
    slow: { type: 'string', default: '50000' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 32}` },
  },
})
const numbers = Object.entries(values).map(([name, value]) => [name, Number(value)] as const)
for (const [name, value] of numbers) if (!(value > 0)) throw new Error(`--${name} must be a number greater than 0`)
const given = Object.fromEntries(numbers) as Record<keyof typeof values, number>

const maxShown = 20
const ms = (value: number) => `${value.toFixed(1)} ms`
const mb = (value: number) => `${value.toFixed(1)} MB`
const messages = ({ tallies }: Pick<Progress, 'tallies'>) =>
  `${tallies.sent} sent, ${tallies.received} received, ${tallies.misordered} out of order, ${tallies.duplicated} duplicated ` +
  `(${tallies.repeated} again at QoS 1, as it may), ${tallies.strays} strayed`
const print = (line: string) => void process.stdout.write(`${line}\n`)

function printProgress(progress: Progress): void {
  const { figures, pings, minutes, lost, owed, clients, complaints } = progress
  print(
    `${minutes.toFixed(1)} min: ${messages(progress)}, ${lost} lost, ${owed} owed, ${complaints.length} complaints; ${clients} clients, ` +
      `heap ${mb(figures.heapMb)}, rss ${mb(figures.rssMb)}, ${figures.handles} handles, ${figures.descriptors} descriptors, ` +
      `event loop p99 ${ms(figures.delayP99Ms)}, canary p50 ${ms(pings.p50Ms)}, p99 ${ms(pings.p99Ms)}, longest ${ms(pings.maxMs)}`,
  )
  for (const complaint of complaints.slice(0, maxShown)) print(`  ${complaint}`)
}

print(`seed ${given.seed}`)
const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-soak-'))
const report = await soak({
  dataDir,
  minutes: given.minutes,
  size: { devices: given.devices, users: given.users, phonesPerUser: given.phones, writers: 12, watchers: 12 },
  publishesPerSecond: given.rate,
  churnPerSecond: given.churn,
  seed: given.seed,
  slowBytesPerSecond: given.slow,
  everySeconds: given.every,
  onProgress: printProgress,
})
await rm(dataDir, { recursive: true, force: true })

const isJudged = report.minutes >= bars.judgedAfterMinutes
print(`in all: ${messages(report)}, ${report.lost} lost, ${report.unacknowledged.length} never acknowledged`)
print(
  `heap ${report.heapSlopeMbPerHour.toFixed(1)} MB/h over the second half ` +
    `(${isJudged ? `bar ${bars.heapSlopeMbPerHour}` : `judged from ${bars.judgedAfterMinutes} minutes on`}); ` +
    `handles ${report.handles.before} → ${report.handles.after}, descriptors ${report.descriptors.before} → ` +
    `${report.descriptors.after} (bar: ${bars.handlesLeft} more); ${report.faults} faults; exit code ${report.exitCode}`,
)
const problems = problemsOf(report)
print(problems.length === 0 ? 'well' : problems.join('\n'))
process.exit(problems.length === 0 ? 0 : 1)
