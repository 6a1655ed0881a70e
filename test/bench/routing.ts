import { generate } from 'mqtt-packet'
import { connectRaw, exchange } from '../support/raw-client.ts'
import { type BenchBroker, startBare } from './brokers.ts'
import { keepAwake } from './keep-awake.ts'
import { median } from './median.ts'
import { cpuMsOf } from './process-figures.ts'

const inFlight = 16
const topic = 'devices/bench-device/event/motion'
const publish = generate({ cmd: 'publish', topic, payload: Buffer.alloc(64, 'x'), qos: 0, dup: false, retain: false })

interface Measured {
  readonly perSecond: number
  /** What the broker's process spent on a message; NaN where there is no /proc. */
  readonly cpuMicroseconds: number
}

/** One publisher and one subscriber with 16 messages in flight between them, QoS 0. */
export async function measureRouting(
  broker: BenchBroker,
  transport: 'tcp' | 'ws',
  windowMs: number,
): Promise<Measured> {
  const port = transport === 'tcp' ? broker.ports.mqtt : broker.ports.http
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
    publisher.send(batches[arrived] ?? Buffer.concat(Array.from({ length: arrived }, () => publish)))
  })
  publisher.send(batches[inFlight] ?? publish)
  await elapse(windowMs / 2)
  const messagesBefore = messages
  const cpuBefore = cpuMsOf(broker.pid)
  const startedAt = performance.now()
  await elapse(windowMs)
  const perSecond = ((messages - messagesBefore) * 1000) / (performance.now() - startedAt)
  const cpuMicroseconds = ((cpuMsOf(broker.pid) - cpuBefore) * 1000) / (messages - messagesBefore)
  publisher.close()
  subscriber.close()
  return { perSecond, cpuMicroseconds }
}

/** `n` messages as one buffer. */
const batches = Array.from({ length: inFlight + 1 }, (_, n) => Buffer.concat(Array.from({ length: n }, () => publish)))

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Authorized 1:1 routing against bare Aedes, in turns within one run; prints the median of the pairwise ratios. Beside it a relay that reads
 * nothing of what it passes on: what the machine and the load allow at most. Once with cores that are kept awake, as where there is more to do,
 * and once as the machine is.
 */
export async function benchRouting(latchkey: BenchBroker, rounds: number, windowMs: number): Promise<void> {
  await using bareAedes = await startBare('bare-broker.ts')
  await using bareRelay = await startBare('bare-relay.ts')
  const brokers = { aedes: bareAedes, ours: latchkey, relay: bareRelay }
  {
    using _ = keepAwake()
    await compare('cores awake', brokers, rounds, windowMs)
  }
  await compare('cores as they are', brokers, rounds, windowMs)
}

type Compared = 'aedes' | 'ours' | 'relay'

async function compare(
  cores: string,
  brokers: Record<Compared, BenchBroker>,
  rounds: number,
  windowMs: number,
): Promise<void> {
  for (const [transport, bar] of [
    ['tcp', 2],
    ['ws', 8],
  ] as const) {
    const runs: Record<Compared, Measured>[] = []
    for (let round = 0; round < rounds; round++) {
      runs.push({
        aedes: await measureRouting(brokers.aedes, transport, windowMs),
        ours: await measureRouting(brokers.ours, transport, windowMs),
        relay: await measureRouting(brokers.relay, transport, windowMs),
      })
    }
    const ratios = runs.map(({ aedes, ours }) => ours.perSecond / aedes.perSecond)
    const cpu = median(runs.map(({ aedes, ours }) => aedes.cpuMicroseconds / ours.cpuMicroseconds))
    const rate = (of: Compared) => Math.round(median(runs.map(run => run[of].perSecond)))
    console.log(
      `routing ${transport}, ${cores}: ${median(ratios).toFixed(2)} × bare Aedes (bar ${bar}; from ${Math.min(...ratios).toFixed(2)} to ` +
        `${Math.max(...ratios).toFixed(2)} in ${rounds} turns; ${rate('ours')}/s against ${rate('aedes')}/s with ${inFlight} in flight; ` +
        `a relay that reads nothing: ${rate('relay')}/s; ${cpu.toFixed(2)} × the messages per CPU second of bare Aedes)`,
    )
  }
}
