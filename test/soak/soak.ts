import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { createRandom } from '../fuzz/random.ts'
import type { createCanaryPings, PingTimes } from '../support/abuse/canary-pings.ts'
import { freePort } from '../support/network/free-port.ts'
import { startSlowLink } from '../support/network/slow-link.ts'
import { startElsewhere } from '../support/processes/elsewhere.ts'
import { createChurn } from './churn.ts'
import { type Figures, readFigures } from './figures.ts'
import { openGarbageCollector } from './garbage-collector.ts'
import { createLedger, type Tallies } from './ledger.ts'
import { openFleet } from './open-fleet.ts'
import { canaryTopic, type FleetSize, prepareFolder } from './prepare-folder.ts'
import { secondHalf, slopePerHour } from './slope.ts'
import { openSoakClient } from './soak-client.ts'
import { createTraffic } from './traffic.ts'
import type { SoakReport } from './verdict.ts'

export interface SoakOptions {
  /** An empty folder. */
  readonly dataDir: string
  readonly minutes: number
  readonly size: FleetSize
  readonly publishesPerSecond: number
  /** Cuts, leaves and the like. */
  readonly churnPerSecond: number
  readonly seed: number
  /** What passes in a second on each of the links on which a tenth of the fleet is; all are on the loopback when not given. */
  readonly slowBytesPerSecond?: number
  /** How often `onProgress` is told. */
  readonly everySeconds: number
  readonly onProgress: (progress: Progress) => void
}

/** Where a run stands. */
export interface Progress {
  readonly minutes: number
  readonly tallies: Readonly<Tallies>
  /** Acknowledged and not there, though later messages of the same sender are. */
  readonly lost: number
  /** Owed: to those who are away, or on its way. */
  readonly owed: number
  readonly clients: number
  /** Since the last time. */
  readonly complaints: readonly string[]
  readonly figures: Figures
  /** Of a healthy client, since the last time. */
  readonly pings: PingTimes
}

const canaryPings = new URL('../support/abuse/canary-pings.ts', import.meta.url)
const tickMs = 20
const heapSamples = 40
const settleMs = 60_000
const maxComplaints = 20

/** Runs the built program under a fleet of devices, phones and services that come and go, and accounts for every message. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { dataDir, minutes, size, seed, onProgress } = options
  const household = await prepareFolder(dataDir, size)
  const inspectorPort = await freePort()
  const broker = await startLatchkey(dataDir, {
    NODE_CONFIG_DIR: dataDir,
    LATCHKEY_LOG_LEVEL: 'info',
    NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}`,
  })
  const garbage = await openGarbageCollector(inspectorPort)
  const ledger = createLedger()
  const random = createRandom(seed)
  const complaints: string[] = []
  const onComplaint = (complaint: string) => void complaints.push(complaint)

  const asService = { username: 'jwt', password: household.serviceToken, clean: true }
  const first = { url: broker.wsUrl, options: { clientId: 'first', ...asService }, ledger, onComplaint }
  await (await openSoakClient(first)).end() // whatever is made at the first connection is there before it is counted
  const connectionsGone = async () => (await readFigures(broker)).connections === 0
  await until(connectionsGone)
  const before = await readFigures(broker)

  const links = await openSlowLinks(broker, options.slowBytesPerSecond)
  const slowUrls = links && { slowUrls: links.urls }
  const members = await openFleet({ broker, household, size, ...slowUrls, ledger, onComplaint })
  const canary = await startElsewhere<ReturnType<typeof createCanaryPings>>(canaryPings, 'createCanaryPings')
  await canary.call('connect', broker.ports.mqtt, household.serviceToken, canaryTopic)
  await canary.call('begin')
  const traffic = createTraffic({ members, random, onComplaint })
  const usernames = household.users.map(({ username }) => username)
  const churn = createChurn({ members, usernames, wsUrl: broker.wsUrl, random, ledger, onComplaint })

  const startedAtMs = performance.now()
  const elapsedMs = () => performance.now() - startedAtMs
  const heap: [number, number][] = []
  const done = { published: 0, acts: 0, samples: 0, lines: 0, complaints: 0 }
  const due = (perSecond: number) => Math.floor((elapsedMs() / 1000) * perSecond)
  while (elapsedMs() < minutes * 60_000) {
    await elapse(tickMs)
    const published = due(options.publishesPerSecond)
    traffic.publish(published - done.published)
    done.published = published
    for (; done.acts < due(options.churnPerSecond); done.acts++) churn.act()
    if (done.samples < (elapsedMs() / (minutes * 60_000)) * heapSamples) {
      done.samples++
      await garbage.collect()
      heap.push([elapsedMs(), (await readFigures(broker)).heapMb])
    }
    if ((done.lines + 1) * options.everySeconds * 1000 > elapsedMs()) continue
    done.lines++
    const figures = await readFigures(broker)
    const pings = await canary.call('end')
    await canary.call('begin')
    onProgress({
      minutes: elapsedMs() / 60_000,
      tallies: { ...ledger.tallies },
      lost: ledger.tallies.lost + ledger.overtaken(),
      owed: ledger.missing(),
      clients: figures.connections,
      complaints: complaints.slice(done.complaints),
      figures,
      pings,
    })
    done.complaints = complaints.length
  }

  await churn.settled()
  await until(async () => traffic.inFlight().length === 0 && ledger.missing() === 0)
  const [lost, unacknowledged] = [ledger.tallies.lost + ledger.missing(), traffic.inFlight()]
  await canary[Symbol.asyncDispose]()
  await Promise.all(members.map(({ client }) => client.end()))
  await links?.close()
  const isAsBefore = (now: Figures) => now.handles <= before.handles && !(now.descriptors > before.descriptors)
  await until(async () => {
    const now = await readFigures(broker)
    return now.connections === 0 && isAsBefore(now)
  })
  const after = await readFigures(broker)
  garbage.close()
  return {
    minutes,
    tallies: ledger.tallies,
    lost,
    unacknowledged,
    complaints: complaints.slice(0, maxComplaints),
    faults: after.faults,
    dropped: after.dropped,
    heapSlopeMbPerHour: slopePerHour(secondHalf(heap)),
    handles: { before: before.handles, after: after.handles },
    descriptors: { before: before.descriptors, after: after.descriptors },
    connectionsLeft: after.connections,
    exitCode: await broker.stop(),
  }
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Waits for what ends by itself; gives up after a while, for the report to say what did not. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + settleMs
  while (!(await isSo()) && performance.now() < endsAt) await elapse(200)
}

/** A slow link to each of the ports, and the addresses there. */
async function openSlowLinks({ ports }: LatchkeyProcess, bytesPerSecond: number | undefined) {
  if (bytesPerSecond === undefined) return undefined
  const [mqtt, http] = await Promise.all([ports.mqtt, ports.http].map(port => startSlowLink(port, { bytesPerSecond })))
  return {
    urls: [`mqtt://127.0.0.1:${mqtt?.port}`, `ws://127.0.0.1:${http?.port}/mqtt`],
    async close() {
      await mqtt?.[Symbol.asyncDispose]()
      await http?.[Symbol.asyncDispose]()
    },
  }
}
