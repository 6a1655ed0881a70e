import { generate } from 'mqtt-packet'
import { connectRaw, exchange } from '../support/raw-client.ts'
import type { BenchBroker } from './brokers.ts'

const topic = 'devices/bench-device/event/motion'
const probeEveryMs = 5

/** How long messages take from the broker's device to its owner, in milliseconds, in order of length. */
export async function latencies(
  { ports, publisher, subscriber }: Omit<BenchBroker, 'pid'>,
  windowMs: number,
): Promise<number[]> {
  const phone = await connectRaw('tcp', ports.mqtt, subscriber)
  const device = await connectRaw('tcp', ports.mqtt, publisher)
  await exchange(phone, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
  const packet = generate({ cmd: 'publish', topic, payload: Buffer.alloc(64), qos: 0, dup: false, retain: false })
  const sentAt: number[] = []
  const timesMs: number[] = []
  let bytesSeen = 0
  phone.onBytes(bytes => {
    for (bytesSeen += bytes.length; bytesSeen >= packet.length; bytesSeen -= packet.length)
      timesMs.push(performance.now() - (sentAt.shift() ?? Number.NaN))
  })
  const timer = setInterval(() => {
    sentAt.push(performance.now())
    device.send(packet)
  }, probeEveryMs)
  await new Promise(resolve => setTimeout(resolve, windowMs))
  clearInterval(timer)
  device.close()
  phone.close()
  return timesMs.sort((a, b) => a - b)
}

/** Of figures in order. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
