import type { OpenSession, OpenSessions } from '../../domain/open-sessions.ts'
import { originOf } from '../../domain/origin.ts'
import type { Closings } from './closings.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'

/** {@link OpenSessions} on this process's table of sessions; `here` iterates over the same ones without waiting. */
export function createOpenSessions(
  sessions: SessionTable,
  closings: Closings,
): OpenSessions & { here(): Iterable<OpenSession> } {
  const isOpen = (session: Session) => session.ready && session.closeReason === undefined && !session.client.closed
  /** The session that holds the id; if none does, the guests that came with it. */
  function openBy(clientId: string): readonly Session[] {
    const holder = sessions.byClientId(clientId)
    if (holder && isOpen(holder)) return [holder]
    return [...sessions.all()].filter(session => session.clientId === clientId && isOpen(session))
  }
  function* here() {
    for (const session of sessions.all()) if (isOpen(session)) yield listed(session)
  }
  return {
    here,
    all: async () => here(),
    async byClientId(clientId) {
      const [session] = openBy(clientId)
      return session && listed(session)
    },
    async end(clientId, reason) {
      const open = openBy(clientId)
      closings.end(open, reason)
      return open.length > 0
    },
    async endFrom(addresses, reason) {
      const matching = [...sessions.all()].filter(
        ({ closeReason, address }) => closeReason === undefined && addresses.has(address),
      )
      closings.end(matching, reason)
      return matching.length
    },
  }
}

const listed = (session: Session): OpenSession => ({
  ...originOf(session),
  transport: session.transport,
  openedAtMs: session.openedAtMs,
  filters: session.reader.asked.size + session.reader.followed.size,
})
