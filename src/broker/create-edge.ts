import { hasExpired } from '../domain/principal.ts'
import type { BrokerBase } from './broker-options.ts'
import type { Hub } from './create-hub.ts'
import type { Rights } from './create-rights.ts'
import { createAdmission } from './edge/admission.ts'
import { createCarryMessage } from './edge/carry-message.ts'
import { createExchange } from './edge/exchange.ts'
import { createSessionEnds } from './edge/session-ends.ts'
import { createWills } from './edge/wills.ts'
import { createRequestLimits } from './requests/request-limits.ts'
import { createRequestRouter } from './requests/request-router.ts'
import { obeyOrders } from './rights/obey-orders.ts'
import { createSessionWatch } from './rights/session-watch.ts'

/** Handles a connection from CONNECT to its end, and what it publishes and requests. */
export function createEdge(base: BrokerBase, hub: Hub, rights: Rights) {
  const { commits, authenticator, handlers, events, orders, limits, refuses, locale, now, onFault } = base
  const { sessions, stored, clientIds, closings, bounds, path, router } = hub
  const { guard, align, subscriptions } = rights
  const common = { sessions, stored, clientIds, authenticator, events, limits, now }
  const carry = createCarryMessage({ commits, seen: rights.seen, router, onFault })
  const wills = createWills({ commits, guard, carry, path, onFault })
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
    startSending: router.startSending,
    align,
  })
  return { carry, watch, admission, ends }
}
