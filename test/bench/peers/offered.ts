import { connectRaw, exchange, type RawClient } from '../../support/raw-client.ts'
import { quantile } from '../latencies.ts'
import { cutFrames, readStamp, stampedPublish } from './frames.ts'
import type { Peer } from './peer.ts'
import { acknowledgerOf, elapse } from './traffic.ts'

/** Messages that come whether or not those before have arrived. */
export interface Offer {
  readonly qos: 0 | 1
  readonly pairs: number
  readonly perSecond: number
}

/** What came of an offer. */
export interface Outcome {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const everyMs = 1
const publishType = 3

/** Offers messages as long as `windowMs` and half of it before, spread evenly over pairs of a publisher and a subscriber; the time counts from the sending. */
export async function measureOffered(peer: Peer, { qos, pairs, perSecond }: Offer, windowMs: number): Promise<Outcome> {
  const clients: RawClient[] = []
  const writers: RawClient[] = []
  const timesMs: number[] = []
  let isCounting = false
  for (let n = 0; n < pairs; n++) {
    const reader = await connectRaw('tcp', peer.port.tcp, peer.client(`reader-${n}`))
    await exchange(reader, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: topicOf(n), qos }] })
    const acknowledge = acknowledgerOf(reader, qos)
    const take = cutFrames((frame, headerAt) => {
      if ((frame[0] ?? 0) >> 4 !== publishType) return
      acknowledge.note(frame, headerAt)
      if (isCounting) timesMs.push(performance.now() - readStamp(frame).sentAtMs)
    })
    reader.onBytes(bytes => {
      take(bytes)
      acknowledge.send()
    })
    const writer = await connectRaw('tcp', peer.port.tcp, peer.client(`writer-${n}`))
    writer.onBytes(() => {})
    writers.push(writer)
    clients.push(reader, writer)
  }
  let due = 0
  let sent = 0
  let lastAtMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    due += ((nowMs - lastAtMs) * perSecond) / 1000
    lastAtMs = nowMs
    for (; due >= 1; due--, sent++) {
      const n = sent % pairs
      writers[n]?.send(stampedPublish(topicOf(n), qos, n, (Math.floor(sent / pairs) % 65_535) + 1))
    }
  }, everyMs)
  await elapse(windowMs / 2)
  isCounting = true
  const startedAtMs = performance.now()
  await elapse(windowMs)
  isCounting = false
  const tookMs = performance.now() - startedAtMs
  clearInterval(timer)
  for (const client of clients) client.close()
  timesMs.sort((a, b) => a - b)
  return {
    perSecond: (timesMs.length * 1000) / tookMs,
    p50Ms: quantile(timesMs, 0.5),
    p99Ms: quantile(timesMs, 0.99),
  }
}

const topicOf = (pair: number) => `app/pair/${`${pair}`.padStart(4, '0')}`
