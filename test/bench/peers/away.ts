import { connectRaw, exchange } from '../../support/raw-client.ts'
import { cutFrames, stampedPublish } from './frames.ts'
import type { Peer } from './peer.ts'
import { type Throughput, throughputOf } from './traffic.ts'

const inFlight = 64
const pubackType = 4

/** Messages at QoS 1 that are acknowledged, each owed to `sessions` stored sessions that are away; `run` keeps their names apart. */
export async function measureAway(peer: Peer, sessions: number, run: number, windowMs: number): Promise<Throughput> {
  const topic = `app/away/${run}-${sessions}`
  const names = Array.from({ length: sessions }, (_, n) => `away-${run}-${sessions}-${n}`)
  for (const name of names) {
    const session = await connectRaw('tcp', peer.port.tcp, { ...peer.client(name), clean: false })
    await exchange(session, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
    session.end()
    await session.closed
  }
  const writer = await connectRaw('tcp', peer.port.tcp, peer.client('writer'))
  let acknowledged = 0
  let sent = 0
  const publish = (count: number) => {
    const next = () => stampedPublish(topic, 1, 0, (sent++ % 65_535) + 1)
    writer.send(Buffer.concat(Array.from({ length: count }, next)))
  }
  let came = 0
  const take = cutFrames(frame => {
    if ((frame[0] ?? 0) >> 4 === pubackType) came++
  })
  writer.onBytes(bytes => {
    take(bytes)
    acknowledged += came
    if (came > 0) publish(came)
    came = 0
  })
  publish(inFlight)
  const throughput = await throughputOf(peer, () => acknowledged, windowMs)
  writer.close()
  for (const name of names) {
    const session = await connectRaw('tcp', peer.port.tcp, peer.client(name)) // clean: what it was owed goes
    session.end()
    await session.closed
  }
  return throughput
}
