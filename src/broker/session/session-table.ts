import type { Client } from 'aedes'
import { networkOf } from '../../domain/network.ts'
import type { Session } from './session.ts'

/** The sessions of this process. A client id belongs to one session at a time, from its admission on. */
export interface SessionTable {
  of(client: Client): Session | undefined
  byClientId(clientId: string): Session | undefined
  all(): Iterable<Session>
  /** Admits a session; one of the same principal under the same id is superseded and will be closed by the broker. */
  admit(session: Session): void
  /** Forgets a session. */
  remove(session: Session): void
  /** Open sessions that `session` has superseded under its client id. */
  supersededBy(session: Session): readonly Session[]
  guestsFrom(address: string): number
}

export function createSessionTable(): SessionTable {
  const byClient = new WeakMap<Client, Session>()
  /** The last one of each list holds the id; those before it are superseded and about to close. */
  const byId = new Map<string, readonly Session[]>()

  const current = (clientId: string) => byId.get(clientId)?.at(-1)

  function* all(): Iterable<Session> {
    for (const sessions of byId.values()) yield* sessions
  }

  return {
    of: client => byClient.get(client),
    byClientId: current,
    all,
    admit(session) {
      byClient.set(session.client, session)
      byId.set(session.clientId, [...(byId.get(session.clientId) ?? []), session])
    },
    remove(session) {
      const left = byId.get(session.clientId)?.filter(other => other !== session) ?? []
      if (left.length > 0) byId.set(session.clientId, left)
      else byId.delete(session.clientId)
    },
    supersededBy: session => byId.get(session.clientId)?.filter(other => other !== session) ?? [],
    guestsFrom(address) {
      const network = networkOf(address)
      let count = 0
      for (const session of all()) {
        if (session.principal.kind === 'guest' && networkOf(session.address) === network) count++
      }
      return count
    },
  }
}
