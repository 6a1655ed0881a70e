import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectFleet, type Fleet, type FleetOptions, storeFleet } from '../fleet.ts'
import { publishPacket } from '../packets.ts'
import { connectRaw, openTcp, type RawClient } from '../raw-client.ts'

/** A flood of equal messages of one client. */
export interface Flood {
  readonly port: number
  readonly token: string
  readonly topic: string
  readonly payloadBytes: number
  readonly qos: 0 | 1
  /** How long it goes on. */
  readonly forMs: number
}

const batch = 200
const pauseMs = 5

/** What an abuser does, in a process of its own (`startAbuser`). */
export function createAbuses() {
  const fleets: Fleet[] = []
  const silent = new Set<RawClient>()
  return {
    /** Connects a fleet that stays until the process ends or `leave`. */
    async connectFleet(port: number, count: number, options: FleetOptions): Promise<void> {
      fleets.push(await connectFleet(port, count, options))
    },
    /** Opens TCP connections from an address, each of which says `begins` and nothing more. */
    async openSockets(port: number, count: number, from: string, begins = ''): Promise<void> {
      for (let left = count; left > 0; left -= batch) {
        const opening = Array.from({ length: Math.min(left, batch) }, () => openTcp(port, from))
        for (const socket of await Promise.all(opening)) {
          silent.add(socket)
          void socket.closed.then(() => silent.delete(socket))
          socket.onBytes(() => {})
          if (begins !== '') socket.send(Buffer.from(begins, 'latin1'))
        }
      }
    },
    /** How many of them the broker has not closed. */
    openSilent: () => silent.size,
    /** How many of all fleets the broker has not closed. */
    open: () => fleets.reduce((sum, fleet) => sum + fleet.open(), 0),
    /** All fleets say DISCONNECT. */
    async leave(): Promise<void> {
      await Promise.all(fleets.splice(0).map(fleet => fleet.leave()))
    },
    storeFleet,
    /** Publishes as fast as the broker takes it, leaves without a word, and resolves with how many were sent. Packet ids repeat after 65,535. */
    async flood({ port, token, topic, payloadBytes, qos, forMs }: Flood): Promise<number> {
      const clientId = `flood-${process.pid}`
      const client = await connectRaw('tcp', port, { clientId, username: 'jwt', password: token })
      client.onBytes(() => {})
      const payload = 'x'.repeat(payloadBytes)
      let n = 0
      const next = () => publishPacket(topic, payload, qos && (n++ % 65_535) + 1)
      let batches = 0
      for (const endsAt = performance.now() + forMs; performance.now() < endsAt; await elapse(pauseMs))
        if (client.unsentBytes === 0) {
          client.send(Buffer.concat(Array.from({ length: batch }, next)))
          batches++
        }
      client.close()
      return batches * batch
    },
    /** Runs statements on a database file, one after the other, waiting up to 5 s for each lock. */
    sql(file: string, statements: readonly string[]): void {
      const sqlite = new Database(file)
      try {
        for (const statement of statements) sqlite.exec(statement)
      } finally {
        sqlite.close()
      }
    },
  }
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
