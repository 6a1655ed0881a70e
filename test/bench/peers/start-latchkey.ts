import type { Credentials } from '../../support/raw-client.ts'
import { startProgram } from '../brokers.ts'
import { atOnce } from './connects.ts'
import type { Entrant, Peer } from './peer.ts'
import { brokerCore, pin } from './pin.ts'

/** The built program with authorization, metrics and its log on, and one client allowed what it can send. */
export async function startLatchkeyPeer(): Promise<
  Peer & { readonly entrants: readonly Entrant[]; readonly owner: Peer }
> {
  const queued = { queuedMessagesPerSession: 1_000_000, queuedBytesPerSession: 1_000_000_000 }
  const rates = { messagesPerSecond: 1e6, bytesPerSecond: 1e9, requestsPerMinute: 1e6, connectionsPerSecond: 1e6 }
  const program = await startProgram({
    limits: { ...rates, ...queued, connections: 30_000, sessionsPerService: 100_000 },
    guest: { perAddress: 100_000 },
  })
  pin(program.pid, brokerCore)
  const acl = ['--publish', 'app/#', '--subscribe', 'app/#']
  const { token: password = '' } = await program.run(['token', 'issue', '--service', 'bench', ...acl])
  const service = (clientId: string) => ({ clientId, username: 'jwt', password })
  const peer: Peer = {
    name: 'latchkey',
    pid: program.pid,
    port: { tcp: program.ports.mqtt, ws: program.ports.http },
    client: service,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
  const devices = new Map<string, Credentials>()
  for (let n = 0; n < atOnce; n++) {
    const id = `bench-${n}`
    const { secret = '' } = await program.run(['device', 'add', '--type', 'sensor', '--id', id])
    devices.set(`comes-${n}`, { clientId: id, username: id, password: secret })
  }
  return {
    ...peer,
    /** A device that writes, and the user who owns it and reads. */
    owner: { ...peer, client: clientId => (clientId === 'reader' ? program.subscriber : program.publisher) },
    entrants: [
      { title: 'by token', credentials: service },
      { title: 'by device secret', credentials: clientId => devices.get(clientId) ?? program.publisher },
      { title: 'as a guest', credentials: clientId => ({ clientId }) },
    ],
  }
}
