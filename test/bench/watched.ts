import { connectRaw, packetsOf, subscribePacket } from '../support/raw-client.ts'
import { startWatched, type WatchedBroker } from './brokers.ts'
import { latencies, quantile } from './latencies.ts'
import { median } from './median.ts'
import { measureRouting } from './routing.ts'

const linesPerSecond = 10_000

interface Extent {
  readonly rounds: number
  readonly windowMs: number
}

/** Authorized routing with metrics, audit trail and log at info against the same without them, in turns within one run. */
export async function benchWatched({ rounds, windowMs }: Extent): Promise<void> {
  await using on = await startWatched('on')
  await using off = await startWatched('off')
  for (const transport of ['tcp', 'ws'] as const) {
    const ratios: number[] = []
    for (let round = 0; round < rounds; round++) {
      const first = await measureRouting(round % 2 === 0 ? on : off, transport, windowMs)
      const second = await measureRouting(round % 2 === 0 ? off : on, transport, windowMs)
      const ratio = first.perSecond / second.perSecond
      ratios.push(round % 2 === 0 ? ratio : 1 / ratio)
    }
    console.log(
      `watched ${transport}: ${median(ratios).toFixed(2)} × the routing without metrics, audit and log (bar 0.95; from ` +
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} in ${rounds} turns)`,
    )
  }
}

/** An operator who follows the whole log; resolves when the broker has taken the subscription. */
async function follow({ ports, operator }: WatchedBroker, clientId: string) {
  const client = await connectRaw('ws', ports.http, { ...operator, clientId })
  const packets = packetsOf(client)
  client.send(subscribePacket(1, 'ops/log/#'))
  while (packets.length === 0) await new Promise(resolve => setTimeout(resolve, 1))
  let bytes = 0
  client.onBytes(({ length }) => {
    bytes += length
  })
  return { client, bytesSeen: () => bytes }
}

const followings = { nobody: 'nobody follows', stalled: 'one has stalled', reading: 'one reads it' } as const
type Following = keyof typeof followings

/** What a pair of clients notices of a log of 10,000 lines a second: nobody follows it, an operator who has stalled, or one who reads; in turns within one run. */
export async function benchTail({ rounds, windowMs }: Extent): Promise<void> {
  await using nobody = await startWatched('on')
  await using stalled = await startWatched('on')
  await using reading = await startWatched('on')
  const stuck = await follow(stalled, 'stalled')
  stuck.client.stopReading()
  const reader = await follow(reading, 'reader')
  const brokers = { nobody, stalled, reading }
  const times: Record<Following, { p50: number; p99: number }[]> = { nobody: [], stalled: [], reading: [] }
  const order = Object.keys(followings) as Following[]
  for (let round = 0; round < rounds; round++) {
    for (const following of order) {
      brokers[following].writeLines(linesPerSecond)
      const sorted = await latencies(brokers[following], windowMs)
      brokers[following].writeLines(0)
      times[following].push({ p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) })
    }
    order.push(...order.splice(0, 1)) // who goes first changes
  }
  const figures = order.toSorted().map(following => {
    const of = (figure: 'p50' | 'p99') => median(times[following].map(time => time[figure])).toFixed(2)
    return `${of('p99')} ms while ${followings[following]} (p50 ${of('p50')})`
  })
  const ratio = median(times.stalled.map(({ p99 }, round) => p99 / (times.nobody[round]?.p99 ?? Number.NaN)))
  console.log(
    `live log: ${linesPerSecond} lines a second; p99 of an unrelated pair ${figures.join(', ')}; with one that has stalled ` +
      `${ratio.toFixed(2)} × that of nobody (${rounds} turns; the reader got ${(reader.bytesSeen() / 1e6).toFixed(1)} MB)`,
  )
  reader.client.close()
  stuck.client.close()
}
