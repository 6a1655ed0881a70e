import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { median } from '../median.ts'
import { measureAway } from './away.ts'
import { measureConnects } from './connects.ts'
import { measureIdle } from './idle.ts'
import { measureOffered } from './offered.ts'
import { loadCore, pin } from './pin.ts'
import { scenarios, warmUp } from './scenarios.ts'
import { startLatchkeyPeer } from './start-latchkey.ts'
import { mosquittoVersion, startMosquitto } from './start-mosquitto.ts'
import { measureTraffic } from './traffic.ts'

// npm run bench:peers -- [--rounds 5] [--window MS] [--only TEXT] [--smoke]: beside Debian's Mosquitto, in turns within one run. Prints a table in Markdown and judges nothing.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    window: { type: 'string', default: '2000' },
    only: { type: 'string', default: '' },
    smoke: { type: 'boolean', default: false },
  },
})
const rounds = values.smoke ? 1 : Number(values.rounds)
const windowMs = values.smoke ? 200 : Number(values.window)
const warmUpMs = values.smoke ? 200 : 3000
const idleConnections = values.smoke ? 40 : 4000

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

const whole = (value: number) => Math.round(value).toLocaleString('en')
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

/** The medians of both in alternating turns, and of the ratios of each pair. */
async function inTurns(ours: (round: number) => Promise<number>, theirs: (round: number) => Promise<number>) {
  const pairs: { readonly ours: number; readonly theirs: number }[] = []
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await ours(round), theirs: await theirs(round) })
  const ratios = pairs.map(pair => pair.ours / pair.theirs)
  return {
    ours: median(pairs.map(pair => pair.ours)),
    theirs: median(pairs.map(pair => pair.theirs)),
    ratio: median(ratios),
    span: `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
  }
}

const isAsked = (title: string) => title.includes(values.only)
const latchkey = await startLatchkeyPeer()
const mosquitto = await startMosquitto()
console.log(
  `Beside ${version}; the broker on one core, the load on the other; ${rounds} turns of ${windowMs} ms each.\n`,
)
row('scenario', 'latchkey', 'mosquitto', 'ratio', 'from–to', 'bar')
row('---', '---', '---', '---', '---', '---')

// First, while neither has memory to spare that it took for something else.
if (isAsked('memory')) {
  const title = `memory of an idle connection with one filter, over ${idleConnections}: KiB`
  const ours = await measureIdle(latchkey, idleConnections)
  const theirs = await measureIdle(mosquitto, idleConnections)
  row(title, ours.toFixed(1), theirs.toFixed(1), (ours / theirs).toFixed(2), '–', '≤ 24 KiB')
}

await measureTraffic(latchkey, warmUp, warmUpMs) // compiled as it is after a while, as every other program is from the start
for (const scenario of scenarios.filter(({ title }) => isAsked(title))) {
  const measure = (peer: typeof mosquitto) => async () => (await measureTraffic(peer, scenario, windowMs)).perCpuSecond
  const { ours, theirs, ratio, span } = await inTurns(measure(latchkey), measure(mosquitto))
  row(`${scenario.title}: deliveries a CPU second`, whole(ours), whole(theirs), ratio.toFixed(2), span, scenario.bar)
}

{
  await using persisting = await startMosquitto({ persists: true })
  for (const sessions of [1, 50]) {
    const title = `QoS 1 to ${sessions} stored sessions that are away: acknowledged a CPU second`
    if (!isAsked(title)) continue
    const measure = (peer: typeof mosquitto) => async (round: number) =>
      (await measureAway(peer, sessions, round, windowMs)).perCpuSecond
    const beside = await inTurns(measure(latchkey), measure(mosquitto))
    row(title, whole(beside.ours), whole(beside.theirs), beside.ratio.toFixed(2), beside.span, '40,000 a second')
    const kept = await inTurns(measure(latchkey), measure(persisting))
    row(
      `the same, Mosquitto with persistence`,
      whole(kept.ours),
      whole(kept.theirs),
      kept.ratio.toFixed(2),
      kept.span,
      '–',
    )
  }
}

{
  await using asking = await startMosquitto({ asksPassword: true })
  const password = { credentials: asking.client }
  for (const transport of ['tcp', 'ws'] as const)
    for (const entrant of latchkey.entrants) {
      const title = `connects ${entrant.title}, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}: accepted a CPU second`
      if (!isAsked(title)) continue
      const { ours, theirs, ratio, span } = await inTurns(
        () => measureConnects(latchkey, entrant, transport, windowMs),
        () => measureConnects(asking, password, transport, windowMs),
      )
      const bar = transport === 'ws' ? 0.3 : 0.35
      row(title, whole(ours), `${whole(theirs)} by password`, ratio.toFixed(2), span, bar)
    }
}

for (const offer of [
  {
    title: '5,000 messages a second over 200 pairs, QoS 0: p99 in ms',
    qos: 0,
    pairs: 200,
    perSecond: 5000,
    bar: '≤ 1.5',
  },
  {
    title: '20,000 a second offered over 20 pairs, QoS 1: got through a second',
    qos: 1,
    pairs: 20,
    perSecond: 20_000,
    bar: '≥ 1',
  },
] as const) {
  if (!isAsked(offer.title)) continue
  const measure = (peer: typeof mosquitto) => async () => {
    const { perSecond, p99Ms } = await measureOffered(peer, offer, windowMs)
    return offer.qos === 0 ? p99Ms : perSecond
  }
  const { ours, theirs, ratio, span } = await inTurns(measure(latchkey), measure(mosquitto))
  const show = (value: number) => (offer.qos === 0 ? value.toFixed(2) : whole(value))
  row(offer.title, show(ours), show(theirs), ratio.toFixed(2), span, offer.bar)
}

await latchkey[Symbol.asyncDispose]()
await mosquitto[Symbol.asyncDispose]()
process.exit(0)
