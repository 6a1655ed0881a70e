import type { Events } from '../domain/events.ts'
import { originOf } from '../domain/events.ts'
import type { OpenSessions } from '../domain/open-sessions.ts'
import { refuse } from '../domain/refusal.ts'
import type { Handlers } from '../domain/request.ts'
import { pageOfSessions } from './page-of-sessions.ts'

/** Answers operators who look at open sessions and close them. */
export function createSessionOperations({
  sessions,
  events,
}: {
  readonly sessions: OpenSessions
  readonly events: Events
}): Handlers<'ops/sessions' | 'ops/kick'> {
  return {
    async 'ops/sessions'(request) {
      return pageOfSessions(sessions.all(), request)
    },

    async 'ops/kick'({ clientId }, context) {
      if (!sessions.end(clientId, 'kicked')) return refuse(3001, { detail: clientId })
      events.emit('acted', { ...originOf(context), kind: 'kick', target: { kind: 'client', id: clientId } })
      return {}
    },
  }
}
