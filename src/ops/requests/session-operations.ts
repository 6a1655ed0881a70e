import type { Events } from '../../domain/events.ts'
import type { OpenSessions, StoredSessionList } from '../../domain/open-sessions.ts'
import type { Origin } from '../../domain/origin.ts'
import { originOf } from '../../domain/origin.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Handlers } from '../../domain/request.ts'
import { pageOfSessions } from './page-of-sessions.ts'
import { pageOfStoredSessions } from './page-of-stored-sessions.ts'

interface Options {
  readonly sessions: OpenSessions
  readonly stored: StoredSessionList
  readonly events: Events
}

type SessionOperations = 'ops/sessions' | 'ops/kick' | 'ops/session/stored' | 'ops/session/forget'

/** Lets operators list sessions, close them, and delete stored ones. */
export function createSessionOperations({ sessions, stored, events }: Options): Handlers<SessionOperations> {
  const done = (by: Origin, kind: 'kick' | 'session/forget', id: string): Record<string, never> => {
    events.emit('acted', { ...originOf(by), kind, target: { kind: 'client', id } })
    return {}
  }

  return {
    'ops/sessions': async request => pageOfSessions(await sessions.all(), request),

    async 'ops/kick'({ clientId }, context) {
      return (await sessions.end(clientId, 'kicked'))
        ? done(context, 'kick', clientId)
        : refuse(3001, { detail: clientId })
    },

    'ops/session/stored': request => pageOfStoredSessions(stored, request),

    async 'ops/session/forget'({ clientId }, context) {
      const outcome = await stored.forget(clientId)
      if (outcome === 'unknown') return refuse(3001, { detail: clientId })
      return outcome === 'not-kept'
        ? refuse(5000, { detail: 'not kept: try again' })
        : done(context, 'session/forget', clientId)
    },
  }
}
