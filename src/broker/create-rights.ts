import type { BrokerBase } from './broker-options.ts'
import type { Hub } from './create-hub.ts'
import { createAlign } from './rights/alignment.ts'
import { filterBoundsOf } from './rights/filter-limits.ts'
import { createPublishGuard } from './rights/publish-guard.ts'
import { createRefusalCounts } from './rights/refusal-counts.ts'
import { createSeen } from './rights/seen.ts'
import { createSubscriptions } from './rights/subscriptions.ts'

export type Rights = ReturnType<typeof createRights>

/** What sessions may publish and read. */
export function createRights({ commits, traffic, events, limits, locale, now, onFault }: BrokerBase, hub: Hub) {
  const { sessions, routes, turns, closings, router } = hub
  const refusals = createRefusalCounts({ limits, closings, now })
  const seen = createSeen({ traffic, sessions, locale })
  const align = createAlign({
    routes,
    turns,
    forgetStored: ({ clientId }, filters) =>
      commits.write({ kind: 'unsubscribed', clientId, filters }, undefined, cause => onFault('subscriptions', cause)),
  })
  const subscriptions = createSubscriptions({
    sessions,
    routes,
    events,
    align,
    boundsOf: ({ principal }) => filterBoundsOf(principal.kind, limits),
    followedPerSession: limits.followedPerSession,
    allRefused: refusals.subscribe,
  })
  const guard = createPublishGuard({
    sessions,
    traffic,
    router,
    events,
    locale,
    maxEventBytes: limits.maxEventBytes,
    countRefusal: refusals.publish,
    now,
  })
  return { refusals, seen, align, subscriptions, guard }
}
