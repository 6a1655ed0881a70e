import type { RetainedTopics } from '../domain/device-traffic.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { MqttStore } from '../domain/mqtt-store.ts'
import type { OpenSessions, StoredSessionList } from '../domain/open-sessions.ts'
import type { StoredMessage } from '../domain/stored-message.ts'
import { createLiveTopics } from './router/live-topics.ts'
import type { MessagePath } from './router/message-tap.ts'
import type { Router } from './router/router.ts'
import type { Routes } from './router/routes.ts'
import type { Closings } from './sessions/closings.ts'
import { createOpenSessions } from './sessions/open-sessions.ts'
import type { SessionTable } from './sessions/session-table.ts'
import { createStoredSessionList } from './sessions/stored/stored-session-list.ts'
import type { StoredSessions } from './sessions/stored/stored-sessions.ts'

/** What features ask of sessions and of the router: there before the broker that lets connections in. */
export interface HubPorts extends RetainedTopics, LiveTopics, TappedMessages {
  readonly sessions: OpenSessions
  readonly storedSessions: StoredSessionList
  /** Sessions that are kept for clients that are not connected. */
  storedSessionsAway(): number
}

export function createHubPorts(parts: {
  readonly store: MqttStore
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly closings: Closings
  readonly routes: Routes
  readonly path: MessagePath
  readonly router: Pick<Router, 'route'>
  readonly maxBufferedBytes: number
}): HubPorts {
  const { store, sessions, stored, closings, routes, path, router, maxBufferedBytes } = parts
  const retained = (topic: string, payload: string): StoredMessage => ({
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: true,
  })

  return {
    sessions: createOpenSessions(sessions, closings),
    storedSessions: createStoredSessionList({ sessions, stored, queues: store.queues }),
    storedSessionsAway: () => stored.countAway(clientId => sessions.byClientId(clientId) !== undefined),
    tapMessages: path.tapMessages,
    ...createLiveTopics({ routes, maxBufferedBytes }),
    publishRetained: (topic, payload) =>
      store.whenKept(() => {
        const message = retained(topic, payload)
        store.storeRetained(message)
        router.route(message)
      }),
    replaceRetained: (topic, payload) => store.whenKept(() => store.storeRetained(retained(topic, payload))),
  }
}
