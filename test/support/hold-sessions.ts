import { connectRaw } from './raw-client.ts'

/** Clients `held-{from}` and on, of one account. */
export interface Held {
  readonly port: number
  readonly token: string
  readonly from: number
  readonly count: number
}

/**
 * A process of its own, for one process has only so many files: connects clients that stay and say nothing. Told over IPC which; says when
 * they are connected.
 */
process.on('message', (held: Held) => void connectAll(held))

const atOnce = 50

async function connectAll({ port, token, from, count }: Held): Promise<void> {
  const end = from + count
  for (let first = from; first < end; first += atOnce)
    await Promise.all(
      Array.from({ length: Math.min(atOnce, end - first) }, (_, i) =>
        connectRaw('tcp', port, { clientId: `held-${first + i}`, username: 'jwt', password: token }),
      ),
    )
  process.send?.('done')
}
