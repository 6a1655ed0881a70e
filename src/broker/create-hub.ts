import type { BrokerBase } from './broker-options.ts'
import { createMessagePath } from './router/message-tap.ts'
import { openRouter } from './router/open-router.ts'
import { createRoutes } from './router/routes.ts'
import { createTurns } from './router/turns.ts'
import { createClientIds } from './sessions/client-ids.ts'
import { createClosings } from './sessions/closings.ts'
import { createOwnedSessions } from './sessions/owned-sessions.ts'
import { createSessionBounds } from './sessions/session-bounds.ts'
import { createSessionTable } from './sessions/session-table.ts'
import { createStoredRecords } from './sessions/stored/stored-records.ts'
import { createStoredSessions } from './sessions/stored/stored-sessions.ts'

export type Hub = ReturnType<typeof createHub>

/** What everything else of the broker stands on: who is connected or away, what they read, and who sends it to them. */
export function createHub({ store, traffic, events, limits, now, onFault }: BrokerBase) {
  const owned = createOwnedSessions()
  const sessions = createSessionTable(owned)
  const closings = createClosings()
  const turns = createTurns()
  const routes = createRoutes(turns)
  const stored = createStoredSessions(createStoredRecords({ store, owned, onFault }), routes)
  const clientIds = createClientIds({ sessions, stored, events })
  const bounds = createSessionBounds({ owned, sessions, forget: stored.forget, limits, events, now })
  const path = createMessagePath()
  const { maxBufferedBytes } = limits
  const router = openRouter({ store, stored, routes, turns, traffic, path, maxBufferedBytes, onFault })
  return { owned, sessions, closings, turns, routes, stored, clientIds, bounds, path, router }
}
