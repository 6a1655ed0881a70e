import { generate } from 'mqtt-packet'
import { connectRaw, exchange } from '../support/raw-client.ts'
import { median } from './median.ts'
import { type BenchBroker, startBenchBroker } from './routing/bench-broker.ts'

const inFlight = 16
const topic = 'devices/bench-device/event/motion'
const publish = generate({ cmd: 'publish', topic, payload: Buffer.alloc(64, 'x'), qos: 0, dup: false, retain: false })

/** Messages a second through one publisher and one subscriber with 16 in flight, QoS 0. */
async function measure(broker: BenchBroker, transport: 'tcp' | 'ws', windowMs: number): Promise<number> {
  const port = transport === 'tcp' ? broker.tcpPort : broker.wsPort
  const subscriber = await connectRaw(transport, port, broker.subscriber)
  const publisher = await connectRaw(transport, port, broker.publisher)
  await exchange(subscriber, {
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'devices/+/event/+', qos: 0 }],
  })
  let bytesSeen = 0
  let messages = 0
  subscriber.onBytes(bytes => {
    bytesSeen += bytes.length
    const arrived = Math.floor(bytesSeen / publish.length)
    if (arrived === 0) return
    bytesSeen -= arrived * publish.length
    messages += arrived
    publisher.send(arrived === 1 ? publish : Buffer.concat(Array.from({ length: arrived }, () => publish)))
  })
  publisher.send(Buffer.concat(Array.from({ length: inFlight }, () => publish)))
  await elapse(windowMs / 4)
  const before = messages
  const startedAt = performance.now()
  await elapse(windowMs)
  const rate = ((messages - before) * 1000) / (performance.now() - startedAt)
  publisher.close()
  subscriber.close()
  return rate
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Authorized 1:1 routing against bare Aedes, in turns within one run; prints the median of the pairwise ratios. */
export async function benchRouting(rounds: number, windowMs: number): Promise<void> {
  const bare = await startBenchBroker('bare-broker.ts')
  const latchkey = await startBenchBroker('latchkey-broker.ts')
  try {
    for (const [transport, bar] of [
      ['tcp', 2],
      ['ws', 8],
    ] as const) {
      const pairs: { bare: number; ours: number }[] = []
      for (let round = 0; round < rounds; round++) {
        pairs.push({
          bare: await measure(bare.broker, transport, windowMs),
          ours: await measure(latchkey.broker, transport, windowMs),
        })
      }
      const ratio = median(pairs.map(pair => pair.ours / pair.bare))
      const rates = `${Math.round(median(pairs.map(p => p.ours)))}/s against ${Math.round(median(pairs.map(p => p.bare)))}/s`
      console.log(
        `routing ${transport}: ${ratio.toFixed(2)} × bare Aedes (bar ${bar}; ${rates}, ${inFlight} in flight, ${rounds} pairs)`,
      )
    }
  } finally {
    bare.stop()
    latchkey.stop()
  }
}
