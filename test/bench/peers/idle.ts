import { connectRaw, exchange, type RawClient } from '../../support/raw-client.ts'
import { residentKbOf } from '../process-figures.ts'
import type { Peer } from './peer.ts'
import { elapse } from './traffic.ts'

const settleMs = 1500

/** What an idle connection with one filter adds to the broker's resident memory, in KiB, over `count` of them; what came before has warmed it up. */
export async function measureIdle(peer: Peer, count: number): Promise<number> {
  const clients: RawClient[] = []
  const open = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const client = await connectRaw('tcp', peer.port.tcp, { ...peer.client(`idle-${n}`), keepalive: 600 })
      clients.push(client)
      await exchange(client, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `app/idle/${n}`, qos: 0 }] })
    }
    await elapse(settleMs)
  }
  await open(0, count / 4)
  const before = residentKbOf(peer.pid)
  await open(count / 4, count)
  const each = (residentKbOf(peer.pid) - before) / (count * 0.75)
  for (const client of clients) client.close()
  return each
}
