import type { Credentials } from '../../support/raw-client.ts'

export type Transport = 'tcp' | 'ws'

/** A broker under measurement, in a process of its own on a core of its own. */
export interface Peer extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly port: Record<Transport, number>
  /** As whom a client connects that publishes and reads below `app/`. */
  client(clientId: string): Credentials
}

/** One who may connect, and as often as it likes. */
export interface Entrant {
  readonly title: string
  readonly credentials: (clientId: string) => Credentials
}
