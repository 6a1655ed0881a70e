import { connectRaw } from '../../support/raw-client.ts'
import type { Entrant, Peer, Transport } from './peer.ts'
import { throughputOf } from './traffic.ts'

/** Clients that come and go, `comes-0` and so on. */
export const atOnce = 8

/** CONNECTs that were accepted for each second of the broker's processor time, by clients that come and go, eight at once. */
export async function measureConnects(
  peer: Peer,
  { credentials }: Pick<Entrant, 'credentials'>,
  transport: Transport,
  windowMs: number,
): Promise<number> {
  let accepted = 0
  let isOver = false
  const come = async (place: number) => {
    while (!isOver) {
      const client = await connectRaw(transport, peer.port[transport], credentials(`comes-${place}`))
      accepted++
      client.end()
      await client.closed
    }
  }
  const comers = Array.from({ length: atOnce }, (_, place) => come(place))
  const { perCpuSecond } = await throughputOf(peer, () => accepted, windowMs)
  isOver = true
  await Promise.all(comers)
  return perCpuSecond
}
