import type { RetainedPublisher } from '../domain/device-traffic.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { Message } from '../domain/message.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { MqttStore } from '../domain/mqtt-state/mqtt-store.ts'
import type { OpenSession, OpenSessions, StoredSessionList } from '../domain/open-sessions.ts'
import type { GroupCommit } from './commit/group-commit.ts'
import { createLiveTopics } from './router/live-topics.ts'
import type { MessagePath } from './router/message-tap.ts'
import type { Router } from './router/router.ts'
import type { Routes } from './router/routes.ts'
import type { Closings } from './sessions/closings.ts'
import { createOpenSessions } from './sessions/open-sessions.ts'
import type { SessionTable } from './sessions/session-table.ts'
import { createStoredSessionList } from './sessions/stored/stored-session-list.ts'
import type { StoredSessions } from './sessions/stored/stored-sessions.ts'

/** What features use of sessions and of the router; it exists before the broker that lets connections in. */
export interface HubPorts extends RetainedPublisher, LiveTopics, TappedMessages {
  readonly sessions: OpenSessions
  readonly storedSessions: StoredSessionList
  /** The open sessions of this process only. */
  sessionsHere(): Iterable<OpenSession>
  /** Sessions that are kept for clients that are not connected. */
  storedSessionsAway(): number
}

export function createHubPorts(parts: {
  readonly store: Pick<MqttStore, 'queues'>
  readonly commits: Pick<GroupCommit, 'kept' | 'write'>
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly closings: Closings
  readonly routes: Routes
  readonly path: MessagePath
  readonly router: Pick<Router, 'plan'>
  readonly maxBufferedBytes: number
}): HubPorts {
  const { store, commits, sessions, stored, closings, routes, path, router, maxBufferedBytes } = parts
  const retained = (topic: string, payload: string): Message => ({
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: true,
  })

  const openSessions = createOpenSessions(sessions, closings)
  return {
    sessions: openSessions,
    sessionsHere: openSessions.here,
    storedSessions: createStoredSessionList({ sessions, stored, queues: store.queues }),
    storedSessionsAway: () => stored.countAway(clientId => sessions.byClientId(clientId) !== undefined),
    tapMessages: path.tapMessages,
    ...createLiveTopics({ routes, maxBufferedBytes }),
    publishRetained(topic, payload) {
      const message = retained(topic, payload)
      const { queued, kept, undone } = router.plan(message, 1)
      return new Promise((resolve, reject) =>
        commits.write(
          { kind: 'message', retained: { message }, queued },
          ({ given }) => resolve(kept(given)),
          cause => {
            undone()
            reject(cause)
          },
        ),
      )
    },
    async replaceRetained(topic, payload) {
      await commits.kept({ kind: 'message', retained: { message: retained(topic, payload) } })
    },
  }
}
