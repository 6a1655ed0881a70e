import type { Bus } from '../domain/bus.ts'
import type { DeviceTraffic } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import type { MqttStore } from '../domain/mqtt-state/mqtt-store.ts'
import type { Clock } from '../domain/request.ts'
import { createTrafficByKind } from '../domain/traffic-counts.ts'
import type { GroupCommit } from './commit/group-commit.ts'
import { createHubPorts } from './hub-ports.ts'
import type { BrokerLimits } from './limits.ts'
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

/** What sessions and the router need; they exist before the broker. */
export interface HubOptions {
  readonly store: MqttStore
  /** Everything that is written to `store` goes through these. */
  readonly commits: GroupCommit
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
  readonly bus: Pick<Bus, 'follow' | 'unfollow' | 'carry'>
  readonly events: Events
  readonly limits: BrokerLimits
  readonly now: Clock
}

export type Hub = ReturnType<typeof createHub>

/** What the rest of the broker builds on: the sessions, connected or away, their subscriptions, and the router. `ports` are for features. */
export function createHub({ store, commits, traffic, bus, events, limits, now }: HubOptions) {
  const onFault = (where: string, cause: unknown) => void events.emit('fault', { where, cause })
  const owned = createOwnedSessions()
  const sessions = createSessionTable(owned)
  const closings = createClosings()
  const turns = createTurns()
  const routes = createRoutes(turns, bus)
  const stored = createStoredSessions(createStoredRecords({ commits, owned, onFault }), routes)
  const clientIds = createClientIds({ sessions, stored, events })
  const bounds = createSessionBounds({ owned, sessions, forget: stored.forget, limits, events, now })
  const path = createMessagePath()
  const { maxBufferedBytes } = limits
  const router = openRouter({
    store,
    commits,
    stored,
    routes,
    turns,
    traffic,
    path,
    bus,
    maxBufferedBytes,
    onFault,
    now,
  })
  const ports = createHubPorts({ store, commits, sessions, stored, closings, routes, path, router, maxBufferedBytes })
  /** Counts of what has passed since the start. */
  const counted = createTrafficByKind()
  return { owned, sessions, closings, turns, routes, stored, clientIds, bounds, path, router, counted, ports }
}
