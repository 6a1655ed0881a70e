import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { EngineHooks } from '../engine/engine-client.ts'
import type { createSubscriptions } from '../rights/subscriptions.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import type { createAdmission } from './admission.ts'
import type { createSessionEnds } from './session-ends.ts'

/** What the engine asks of sessions, and tells them. */
export function createEngineHooks(parts: {
  readonly store: Pick<MqttStore, 'addSubscriptions' | 'removeSubscriptions' | 'cleanSubscriptions' | 'cleanIncoming'>
  readonly sessions: SessionTable
  readonly stored: Pick<StoredSessions, 'isComingBack'>
  readonly admission: ReturnType<typeof createAdmission>
  readonly subscriptions: ReturnType<typeof createSubscriptions>
  readonly ends: ReturnType<typeof createSessionEnds>
  readonly announced: EngineHooks['announced']
  readonly failed: EngineHooks['failed']
}): EngineHooks {
  const { store, sessions, stored, admission, subscriptions, ends, announced, failed } = parts

  return {
    nameOf: admission.nameOf,
    connect: admission.connect,
    admitted: ends.admitted,
    caughtUp: ends.caughtUp,
    grants: subscriptions.authorize,
    async keepGranted(client, filters) {
      const granted = subscriptions.grantedOf(client, filters)
      if (granted.length > 0) await store.addSubscriptions(client, granted)
    },
    subscribed(client, filters) {
      subscriptions.activated(client, filters)
      ends.answered(client)
    },
    forgetFilters: (client, filters) => store.removeSubscriptions(client, subscriptions.storedAs(client, filters)),
    unsubscribed(client, filters) {
      subscriptions.deactivated(client, filters)
      ends.answered(client)
    },
    isComingBack: stored.isComingBack,
    wipe: client => store.cleanSubscriptions(client),
    /** What somebody has begun who has taken the id over is not this client's. */
    async wipeBegun(client) {
      const holder = sessions.byClientId(client.id)
      if (holder?.client.id !== client.id || !holder.ready || holder.client === client)
        await store.cleanIncoming(client)
    },
    noteReason: ends.noteReason,
    announced,
    failed,
  }
}
