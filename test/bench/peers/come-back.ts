import { connectRaw, type RawClient } from '../../support/raw-client.ts'
import type { Peer } from './peer.ts'

/** More than wait to be accepted would be dropped by the kernel, which tries again after a second. */
const atOnce = 64

/** How long it takes, in milliseconds, until `count` clients are connected that all come at once; to be asked of a broker that has just started. */
export async function measureComeBack(peer: Peer, count: number): Promise<number> {
  const clients: RawClient[] = []
  let next = 0
  const come = async () => {
    while (next < count) {
      const clientId = `back-${next++}`
      clients.push(await connectRaw('tcp', peer.port.tcp, { ...peer.client(clientId), keepalive: 600 }))
    }
  }
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: atOnce }, come))
  const tookMs = performance.now() - startedAtMs
  for (const client of clients) client.close()
  return tookMs
}
