import { generate } from 'mqtt-packet'
import { connectRaw, exchange, type RawClient } from '../../support/raw-client.ts'
import { cpuMsOf } from '../process-figures.ts'
import { cutFrames, readStamp, stampedPublish } from './frames.ts'
import type { Peer, Transport } from './peer.ts'

const publishType = 3
const pubackBytes = 0x40

/** Who publishes to whom, and how much at once. */
export interface Traffic {
  readonly transport: Transport
  readonly qos: 0 | 1
  readonly publishers: number
  readonly subscribers: number
  /** The filter of a subscriber, and the topics that a publisher goes through. */
  readonly filterOf: (subscriber: number) => string
  readonly topicsOf: (publisher: number) => readonly string[]
  /** What a publisher has under way, at most: a message is, until it has come to everybody who is owed it. */
  readonly inFlight: number
  /** How many subscribers each message comes to. */
  readonly readersOfEach: number
  /** What the messages of the only publisher hold, one after the other, in place of 128 bytes that say who sent it. */
  readonly payload?: (sent: number) => string
}

/** What stays of one run after its warm-up. */
export interface Throughput {
  readonly perSecond: number
  /** Deliveries for each second of the broker's processor time. */
  readonly perCpuSecond: number
}

/** Sends as long as `windowMs` and half of it before, and counts deliveries. */
export async function measureTraffic(peer: Peer, traffic: Traffic, windowMs: number): Promise<Throughput> {
  const { transport, qos, publishers, subscribers, filterOf, topicsOf, inFlight, readersOfEach, payload } = traffic
  const port = peer.port[transport]
  const clients: RawClient[] = []
  let delivered = 0
  /** Deliveries of each publisher that are no whole message yet, and whose have grown in this read. */
  const came = new Array<number>(publishers).fill(0)
  const grown = new Set<number>()
  const senders: ((count: number) => void)[] = []

  for (let n = 0; n < subscribers; n++) {
    const subscriber = await connectRaw(transport, port, peer.client(subscribers === 1 ? 'reader' : `reader-${n}`))
    clients.push(subscriber)
    await exchange(subscriber, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filterOf(n), qos }] })
    const acknowledge = acknowledgerOf(subscriber, qos)
    const take = cutFrames((frame, headerAt) => {
      if ((frame[0] ?? 0) >> 4 !== publishType) return
      delivered++
      acknowledge.note(frame, headerAt)
      const { sender } = payload === undefined ? readStamp(frame) : { sender: 0 }
      came[sender] = (came[sender] ?? 0) + 1
      grown.add(sender)
    })
    subscriber.onBytes(bytes => {
      take(bytes)
      acknowledge.send()
      for (const sender of grown) {
        const count = came[sender] ?? 0
        if (count >= readersOfEach) senders[sender]?.(Math.floor(count / readersOfEach))
        came[sender] = count % readersOfEach
      }
      grown.clear()
    })
  }
  for (let n = 0; n < publishers; n++) {
    const publisher = await connectRaw(transport, port, peer.client(publishers === 1 ? 'writer' : `writer-${n}`))
    clients.push(publisher)
    const topics = topicsOf(n)
    let sent = 0
    const next = () => {
      sent++
      const topic = topics[sent % topics.length] ?? ''
      const messageId = (sent % 65_535) + 1
      if (payload === undefined) return stampedPublish(topic, qos, n, messageId)
      return generate({ cmd: 'publish', topic, payload: payload(sent), qos, dup: false, retain: false, messageId })
    }
    senders.push(count => publisher.send(Buffer.concat(Array.from({ length: count }, next))))
  }
  for (const send of senders) send(inFlight)
  const throughput = await throughputOf(peer, () => delivered, windowMs)
  for (const client of clients) client.close()
  return throughput
}

/** PUBACKs of what came in one read, in one write. */
export function acknowledgerOf(client: RawClient, qos: 0 | 1) {
  const waiting: Buffer[] = []
  return {
    note(frame: Buffer, headerAt: number) {
      if (qos === 0) return
      const idAt = headerAt + 2 + frame.readUInt16BE(headerAt)
      waiting.push(Buffer.from([pubackBytes, 2, frame[idAt] ?? 0, frame[idAt + 1] ?? 0]))
    },
    send() {
      if (waiting.length > 0) client.send(Buffer.concat(waiting.splice(0)))
    },
  }
}

/** How fast a count rises during `windowMs`, after half of that for a warm-up. */
export async function throughputOf(
  { pid }: Pick<Peer, 'pid'>,
  count: () => number,
  windowMs: number,
): Promise<Throughput> {
  await elapse(windowMs / 2)
  const before = { count: count(), cpuMs: cpuMsOf(pid), atMs: performance.now() }
  await elapse(windowMs)
  const passed = (count() - before.count) * 1000
  return { perSecond: passed / (performance.now() - before.atMs), perCpuSecond: passed / (cpuMsOf(pid) - before.cpuMs) }
}

export const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
