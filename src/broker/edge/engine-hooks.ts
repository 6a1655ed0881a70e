import type { GroupCommit } from '../commit/group-commit.ts'
import type { EngineHooks } from '../engine/engine-client.ts'
import type { createSubscriptions } from '../rights/subscriptions.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import type { createAdmission } from './admission.ts'
import type { createSessionEnds } from './session-ends.ts'

/** Connects the engine's questions and announcements to sessions. */
export function createEngineHooks(parts: {
  readonly commits: Pick<GroupCommit, 'kept' | 'seam'>
  readonly stored: Pick<StoredSessions, 'isComingBack'>
  readonly admission: ReturnType<typeof createAdmission>
  readonly subscriptions: ReturnType<typeof createSubscriptions>
  readonly ends: ReturnType<typeof createSessionEnds>
  readonly announced: EngineHooks['announced']
  readonly failed: EngineHooks['failed']
}): EngineHooks {
  const { commits, stored, admission, subscriptions, ends, announced, failed } = parts

  return {
    nameOf: admission.nameOf,
    connect: admission.connect,
    registering: ends.registering,
    admitted: ends.admitted,
    caughtUp: ends.caughtUp,
    grants: subscriptions.authorize,
    async keepGranted(client, filters) {
      commits.seam()
      const granted = subscriptions.grantedOf(client, filters)
      if (granted.length > 0) await commits.kept({ kind: 'subscribed', clientId: client.id, subscriptions: granted })
    },
    subscribed(client, filters) {
      subscriptions.activated(client, filters)
      ends.answered(client)
    },
    async forgetFilters(client, filters) {
      commits.seam()
      const stored = subscriptions.storedAs(client, filters)
      if (stored.length > 0) await commits.kept({ kind: 'unsubscribed', clientId: client.id, filters: stored })
    },
    unsubscribed(client, filters) {
      subscriptions.deactivated(client, filters)
      ends.answered(client)
    },
    isComingBack: stored.isComingBack,
    noteReason: ends.noteReason,
    announced,
    failed,
  }
}
