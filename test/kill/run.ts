import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runKillCycles } from './kill-cycles.ts'

// npm run test:kill -- [--cycles 100] [--per-cycle 10000]: prints what was lost, and ends with 1 when anything was.
const { values } = parseArgs({
  options: { cycles: { type: 'string', default: '100' }, 'per-cycle': { type: 'string', default: '10000' } },
})
const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-kill-'))
const report = await runKillCycles({
  dataDir,
  cycles: Number(values.cycles),
  perCycle: Number(values['per-cycle']),
  onCycle: (kills, acknowledged) => void process.stderr.write(`${kills} kills, ${acknowledged} acknowledged\n`),
})
await rm(dataDir, { recursive: true, force: true })

const { acknowledged, lost, lostOnSlowLink, twice, stale, wills, isOnline, devices, longestStartMs, cycles } = report
process.stdout.write(
  `${cycles} kills; acknowledged ${acknowledged[1]} at QoS 1 and ${acknowledged[2]} at QoS 2: ${lost.length} lost, ` +
    `${lostOnSlowLink.length} on a slow link, ` +
    `${twice.length} at QoS 2 came twice; ${stale.length} stale retained topics; ${wills} of ${cycles} wills; ` +
    `the device is ${isOnline ? 'online' : 'OFFLINE'}; ${devices.acknowledged} reports of devices and ${devices.claims} claims: ` +
    `${devices.lost.length} lost, ${devices.leaked.length} leaked, ${devices.undone.length} undone, ` +
    `${devices.wrongPresence.length} wrong presence; longest start ${longestStartMs} ms\n`,
)
const ofDevices = [devices.lost, devices.leaked, devices.undone, devices.wrongPresence].flat()
for (const finding of ofDevices.slice(0, 20)) process.stdout.write(`  ${finding}\n`)
const isKept = [lost, lostOnSlowLink, twice, stale, ofDevices].every(({ length }) => length === 0)
const isWell = isKept && wills === cycles && isOnline
process.exitCode = isWell ? 0 : 1
