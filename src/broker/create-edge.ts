import { hasExpired } from '../domain/principal.ts'
import type { BrokerBase } from './broker-options.ts'
import type { Hub } from './create-hub.ts'
import type { Rights } from './create-rights.ts'
import { createAdmission } from './edge/admission.ts'
import { createCarryMessage } from './edge/carry-message.ts'
import { createDueWills } from './edge/due-wills.ts'
import { createExchange } from './edge/exchange.ts'
import { createPublishWill } from './edge/publish-will.ts'
import { createSessionEnds } from './edge/session-ends.ts'
import { createWills } from './edge/wills.ts'
import { createRequestLimits } from './requests/request-limits.ts'
import { createRequestRouter } from './requests/request-router.ts'
import { obeyOrders } from './rights/obey-orders.ts'
import { createSessionWatch } from './rights/session-watch.ts'
import type { Session } from './sessions/session.ts'

/** Handles a connection from CONNECT to its end, and what it publishes and requests. */
export function createEdge(base: BrokerBase, hub: Hub, rights: Rights) {
  const { store, commits, authenticator, handlers, events, orders, limits, refuses, locale, now, onFault } = base
  const { sessions, stored, clientIds, closings, bounds, path, router } = hub
  const { guard, align, subscriptions } = rights
  const common = { sessions, stored, clientIds, authenticator, events, limits, now }
  const carry = createCarryMessage({ commits, seen: rights.seen, router, onFault })
  const keepers = new Map<string, Session>()
  const dueWills = createDueWills({
    store,
    commits,
    authenticator,
    publish: createPublishWill(carry),
    isKept: clientId => keepers.has(clientId),
    events,
    onFault,
    now,
  })
  stored.whenForgotten(dueWills.sessionEnded)
  const wills = createWills({
    commits,
    guard,
    carry,
    path,
    due: dueWills,
    outlivesBySeconds: ({ reader, clientId }) =>
      stored.readerOf(clientId) === reader ? Math.min(stored.expiryOf(clientId) ?? 0, limits.sessionExpirySeconds) : 0,
    isContinued(session) {
      const holder = sessions.byClientId(session.clientId)
      return holder !== undefined && holder !== session && holder.reader === session.reader
    },
    keepers,
    now,
    onFault,
  })
  const watch = createSessionWatch({
    ...common,
    closings,
    align,
    makeRoom: bounds.makeRoom,
    rekeepWill: wills.becameSomebody,
  })
  obeyOrders({ orders, sessions, stored, closings, watch, events, now })
  const requests = createRequestRouter({
    handlers,
    events,
    locale,
    timeoutMs: limits.requestTimeoutMs,
    requestLimits: createRequestLimits(limits, now),
    now,
    become: watch.become,
    mayHold: async (session, account) =>
      watch.mayHold(session, account) && !(await authenticator.isReserved(session.clientId)),
    countRefusal: rights.refusals.publish,
    mayStillAct: async principal =>
      !hasExpired(principal, now()) && typeof (await authenticator.recheck(principal)) !== 'string',
  })
  const admission = createAdmission({ ...common, refuses, makeRoom: bounds.makeRoom, keepWill: wills.admitted })
  const takerOf = createExchange({
    commits,
    guard,
    carry,
    path,
    holdWhileBehind: router.holdWhileBehind,
    takeRequest: requests.take,
    authenticate: requests.authenticate,
    qos2Window: limits.qos2Window,
    events,
  })
  const ends = createSessionEnds({
    ...common,
    clientIdOf: admission.clientIdOf,
    subscriptions,
    watch,
    takerOf,
    sendWill: wills.ended,
    ended: router.ended,
    startSending: router.startSending,
    align,
  })
  return { dueWills, watch, admission, ends }
}
