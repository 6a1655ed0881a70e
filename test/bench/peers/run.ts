import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { median } from '../median.ts'
import { measureAway } from './away.ts'
import { measureComeBack } from './come-back.ts'
import { measureConnects } from './connects.ts'
import { measureIdle } from './idle.ts'
import { watchLongestTurn } from './longest-turn.ts'
import { measureOffered } from './offered.ts'
import type { Peer } from './peer.ts'
import { loadCore, pin } from './pin.ts'
import { reports, type Scenario, scenarios, warmUp } from './scenarios.ts'
import { startLatchkeyPeer } from './start-latchkey.ts'
import { mosquittoVersion, startMosquitto } from './start-mosquitto.ts'
import { createTable } from './table.ts'
import { measureTraffic } from './traffic.ts'

// npm run bench:peers -- [--rounds 5] [--window MS] [--only TEXT] [--out FILE] [--smoke]: beside Debian's Mosquitto, in turns within one run.
// Prints a table in Markdown, and writes it as JSON for draw.ts.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    window: { type: 'string', default: '2000' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
const rounds = values.smoke ? 1 : Number(values.rounds)
const windowMs = values.smoke ? 200 : Number(values.window)
const warmUpMs = values.smoke ? 200 : 3000
const connectsWarmUpMs = values.smoke ? 200 : 6000
const idleConnections = values.smoke ? 40 : 4000
const comingBack = values.smoke ? 40 : 10_000

const version = mosquittoVersion()
if (!version) {
  console.log("skipped: Debian's package mosquitto is not installed")
  process.exit(0)
}
if (!existsSync('/usr/bin/taskset')) {
  console.log('skipped: taskset, of util-linux, is not here to give each broker a core of its own')
  process.exit(0)
}
pin(process.pid, loadCore)

/** The medians of both in alternating turns, and of the ratios of each pair. */
async function inTurns(ours: (round: number) => Promise<number>, theirs: (round: number) => Promise<number>) {
  const pairs: { readonly ours: number; readonly theirs: number }[] = []
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await ours(round), theirs: await theirs(round) })
  const ratios = pairs.map(pair => pair.ours / pair.theirs)
  return {
    ours: median(pairs.map(pair => pair.ours)),
    theirs: median(pairs.map(pair => pair.theirs)),
    ratio: median(ratios),
    span: [Math.min(...ratios), Math.max(...ratios)] as const,
  }
}

const isAsked = (title: string) => title.includes(values.only)
const table = createTable()
const latchkey = await startLatchkeyPeer()
const mosquitto = await startMosquitto()
console.log(
  `Beside ${version}; the broker on one core, the load on the other; ${rounds} turns of ${windowMs} ms each.\n`,
)
table.begin()

// First, while neither has memory to spare that it took for something else.
const memory = `memory of an idle connection with one filter, over ${idleConnections}`
if (isAsked(memory)) {
  const ours = await measureIdle(latchkey, idleConnections)
  const theirs = await measureIdle(mosquitto, idleConnections)
  table.add({ title: memory, unit: 'KiB', ours, theirs, bar: { value: 24, of: 'ours', most: true } })
}

const comeBack = `${comingBack.toLocaleString('en')} clients that come at once after a start`
if (isAsked(comeBack)) {
  const fresh = async (start: () => Promise<Peer>, watch: (peer: Peer) => () => Promise<number>) => {
    await using peer = await start()
    const stop = watch(peer)
    return { tookMs: await measureComeBack(peer, comingBack), longestTurnMs: await stop() }
  }
  const nothing = () => async () => Number.NaN // Mosquitto does not say
  const { tookMs: ours, longestTurnMs } = await fresh(startLatchkeyPeer, ({ port }) => watchLongestTurn(port.ws))
  const { tookMs: theirs } = await fresh(() => startMosquitto({ asksPassword: true }), nothing)
  table.add({
    title: comeBack,
    unit: 'ms',
    ours,
    theirs,
    ratio: ours / theirs,
    bar: { value: 3, of: 'ratio', most: true },
  })
  const turn = { title: 'the longest turn while they come', unit: 'ms', ours: longestTurnMs }
  table.add({ ...turn, bar: { value: 50, of: 'ours', most: true } })
}

await measureTraffic(latchkey, warmUp, warmUpMs) // compiled as it is after a while, as every other program is from the start
const deliveries = (peer: Peer, scenario: Scenario) => async () =>
  (await measureTraffic(peer, scenario, windowMs)).perCpuSecond
for (const scenario of scenarios.filter(({ title }) => isAsked(title))) {
  const { title, bar } = scenario
  const measured = await inTurns(deliveries(latchkey, scenario), deliveries(mosquitto, scenario))
  table.add({ title, unit: 'deliveries', ...measured, ...(bar && { bar: { value: bar, of: 'ratio' } }) })
}

const reporting = reports(latchkey.owner.client('writer').clientId)
if (isAsked(reporting.title)) {
  const figures: number[] = []
  for (let round = 0; round < rounds; round++) figures.push(await deliveries(latchkey.owner, reporting)())
  table.add({ title: reporting.title, unit: 'deliveries', ours: median(figures) })
}

{
  await using persisting = await startMosquitto({ persists: true })
  for (const sessions of [1, 50]) {
    const title = `QoS 1 to ${sessions} stored sessions that are away`
    if (!isAsked(title)) continue
    const measure = (peer: Peer) => async (round: number) =>
      (await measureAway(peer, sessions, round, windowMs)).perCpuSecond
    const beside = await inTurns(measure(latchkey), measure(mosquitto))
    table.add({ title, unit: 'acknowledged', ...beside, bar: { value: 40_000, of: 'ours' } })
    const kept = await inTurns(measure(latchkey), measure(persisting))
    table.add({ title: `${title}, Mosquitto with persistence`, unit: 'acknowledged', ...kept })
  }
}

{
  await using asking = await startMosquitto({ asksPassword: true })
  const password = { credentials: asking.client }
  for (const transport of ['tcp', 'ws'] as const)
    for (const entrant of latchkey.entrants) {
      const title = `connects ${entrant.title}, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}; Mosquitto by password`
      if (!isAsked(title)) continue
      await measureConnects(latchkey, entrant, transport, connectsWarmUpMs)
      const measured = await inTurns(
        () => measureConnects(latchkey, entrant, transport, windowMs),
        () => measureConnects(asking, password, transport, windowMs),
      )
      table.add({ title, unit: 'accepted', ...measured, bar: { value: transport === 'ws' ? 0.3 : 0.35, of: 'ratio' } })
    }
}

const p99 = '5,000 messages a second over 200 pairs, QoS 0: p99'
if (isAsked(p99)) {
  const offer = { qos: 0, pairs: 200, perSecond: 5000 } as const
  const measure = (peer: Peer) => async () => (await measureOffered(peer, offer, windowMs)).p99Ms
  const measured = await inTurns(measure(latchkey), measure(mosquitto))
  table.add({ title: p99, unit: 'ms', ...measured, bar: { value: 1.5, of: 'ratio', most: true } })
}

const through = '20,000 a second offered over 20 pairs, QoS 1: got through'
if (isAsked(through)) {
  const offer = { qos: 1, pairs: 20, perSecond: 20_000 } as const
  const measure = (peer: Peer) => async () => (await measureOffered(peer, offer, windowMs)).perSecond
  const measured = await inTurns(measure(latchkey), measure(mosquitto))
  table.add({ title: through, unit: 'a second', ...measured, bar: { value: 1, of: 'ratio' } })
}

if (values.out !== undefined) table.write(values.out)
await latchkey[Symbol.asyncDispose]()
await mosquitto[Symbol.asyncDispose]()
process.exit(0)
