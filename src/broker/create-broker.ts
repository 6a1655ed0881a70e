import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { DeviceTraffic, RetainedTopics } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { MqttStore } from '../domain/mqtt-store.ts'
import type { OpenSessions, StoredSessionList } from '../domain/open-sessions.ts'
import { hasExpired } from '../domain/principal.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { Authenticator } from '../domain/sign-in.ts'
import type { StoredMessage } from '../domain/stored-message.ts'
import { createTrafficByKind, type TrafficByKind } from '../domain/traffic-counts.ts'
import type { Locale } from '../protocol/codes.ts'
import { createDoors } from './doors.ts'
import { openEngine } from './engine/open-engine.ts'
import { createPublishGuard } from './guards/publish-guard.ts'
import { createSeen, isState } from './guards/seen.ts'
import type { BrokerLimits } from './limits.ts'
import { createRequestLimits } from './request-limits.ts'
import { createRequestRouter } from './request-router.ts'
import { createCarryMessage } from './router/carry-message.ts'
import { createExchange } from './router/exchange.ts'
import { createLiveTopics } from './router/live-topics.ts'
import { createMessagePath } from './router/message-tap.ts'
import { openRouter } from './router/open-router.ts'
import { createRoutes } from './router/routes.ts'
import { createTurns } from './router/turns.ts'
import { createWills } from './router/wills.ts'
import { createAdmission } from './session/admission.ts'
import { createAlign } from './session/alignment.ts'
import { createClientIds } from './session/client-ids.ts'
import { createClosings } from './session/closings.ts'
import { disconnectAll } from './session/disconnect-all.ts'
import { createEngineHooks } from './session/engine-hooks.ts'
import { filterBoundsOf } from './session/filter-limits.ts'
import { startKeepAlive } from './session/keep-alive.ts'
import { sendLeftWills } from './session/left-wills.ts'
import { createOpenSessions } from './session/open-sessions.ts'
import { createOwnedSessions } from './session/owned-sessions.ts'
import { restoreSessions } from './session/restore-sessions.ts'
import { createSessionBounds } from './session/session-bounds.ts'
import { createSessionEnds } from './session/session-ends.ts'
import { startSessionExpiry } from './session/session-expiry.ts'
import { createSessionTable } from './session/session-table.ts'
import { createSessionWatch } from './session/session-watch.ts'
import { createStoredRecords } from './session/stored-records.ts'
import { createStoredSessionList } from './session/stored-session-list.ts'
import { createStoredSessions } from './session/stored-sessions.ts'
import { createSubscriptions } from './session/subscriptions.ts'

export interface BrokerOptions {
  readonly store: MqttStore
  readonly authenticator: Authenticator
  readonly traffic: DeviceTraffic
  readonly handlers: Handlers
  readonly events: Events
  readonly limits: BrokerLimits
  /** Whether an address is kept out; asked again when it signs in. Nobody is when not given. */
  readonly refuses?: (address: string) => boolean
  readonly locale: Locale
  readonly now: Clock
}

/** The MQTT broker: an engine behind our admission, policy, router and persistence. It owns no listener; connections are handed to it. */
export interface Broker extends RetainedTopics, LiveTopics, TappedMessages {
  acceptSocket(socket: Socket, address: string, transport: 'tcp' | 'tls'): void
  /** `socket` is what carries the WebSocket. */
  acceptWebSocket(ws: WebSocket, address: string, socket: { readonly bytesRead: number }): void
  readonly sessions: OpenSessions
  readonly storedSessions: StoredSessionList
  /** What passed since the start. */
  readonly traffic: TrafficByKind
  /** Sessions that are kept for clients that are not connected. */
  storedSessionsAway(): number
  /** Health check: routes an empty message through the whole path. Rejects when that cannot be done. */
  check(): Promise<void>
  /** Connections that the engine has admitted and not seen the end of. */
  connectedClients(): number
  /** Closes every session. Resolves when their ends are announced; new ones may still come. */
  disconnectAll(): Promise<void>
  /** Stops. Nothing may be published afterwards. */
  close(): Promise<void>
}

/** Nobody can subscribe to it. */
const checkTopic = '$latchkey/check'

/** Starts a broker with an empty table of sessions. */
export async function createBroker({
  store,
  authenticator,
  traffic,
  handlers,
  events,
  limits,
  refuses = () => false,
  locale,
  now,
}: BrokerOptions): Promise<Broker> {
  const onFault = (where: string, cause: unknown) => void events.emit('fault', { where, cause })
  const owned = createOwnedSessions()
  const sessions = createSessionTable(owned)
  const closings = createClosings()
  const turns = createTurns()
  const routes = createRoutes(turns)
  const stored = createStoredSessions(createStoredRecords({ store, owned, onFault }), routes)
  const clientIds = createClientIds({ sessions, stored, events })
  const bounds = createSessionBounds({ owned, sessions, forget: stored.forget, limits, events, now })
  const path = createMessagePath()
  const router = openRouter({
    store,
    stored,
    routes,
    turns,
    traffic,
    path,
    maxBufferedBytes: limits.maxBufferedBytes,
    onFault,
  })
  const seen = createSeen({ traffic, sessions, locale })
  const counted = createTrafficByKind()
  const align = createAlign({
    routes,
    turns,
    forgetStored: ({ clientId }, filters) =>
      void store.removeSubscriptions({ id: clientId }, filters).catch(cause => onFault('subscriptions', cause)),
  })
  const subscriptions = createSubscriptions({
    sessions,
    routes,
    events,
    align,
    maxFilters: ({ principal }) => filterBoundsOf(principal.kind, limits).perSession,
    followedPerSession: limits.followedPerSession,
    allRefused: session => watch.countRefusedSubscribe(session),
  })
  const watch = createSessionWatch({
    sessions,
    stored,
    clientIds,
    authenticator,
    events,
    limits,
    now,
    closings,
    align,
    makeRoom: bounds.makeRoom,
    rekeepWill: session => wills.becameSomebody(session),
  })
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
    countRefusal: watch.countRefusal,
    mayStillAct: async principal =>
      !hasExpired(principal, now()) && typeof (await authenticator.recheck(principal)) !== 'string',
  })
  const admission = createAdmission({
    sessions,
    stored,
    clientIds,
    authenticator,
    events,
    limits,
    refuses,
    makeRoom: bounds.makeRoom,
    keepWill: session => wills.admitted(session),
    now,
  })
  const publishGuard = createPublishGuard({
    sessions,
    traffic,
    router,
    events,
    locale,
    maxEventBytes: limits.maxEventBytes,
    hasRoomFor: store.hasRoomFor,
    countRefusal: watch.countRefusal,
    now,
  })
  const carry = createCarryMessage({ store, seen, router, onFault })
  const takerOf = createExchange({
    store,
    guard: publishGuard,
    carry,
    path,
    holdWhileBehind: router.holdWhileBehind,
    takeRequest: requests.take,
    qos2Window: limits.qos2Window,
    events,
  })
  const wills = createWills({ store, guard: publishGuard, carry, path, onFault })
  const ends = createSessionEnds({
    sessions,
    stored,
    clientIdOf: admission.clientIdOf,
    subscriptions,
    watch,
    takerOf,
    sendWill: wills.ended,
    startSending: router.startSending,
    align,
    events,
    limits,
    now,
  })

  const engine = await openEngine({
    hooks: createEngineHooks({
      store,
      sessions,
      stored,
      admission,
      subscriptions,
      ends,
      announced: (topic, payload) => router.route({ topic, payload, qos: 0, retain: false }),
      failed: onFault,
    }),
    id: `latchkey-${now().toString(36)}`,
    drainTimeoutMs: limits.drainTimeoutMs,
    connectTimeoutMs: 2 * limits.connectTimeoutMs, // ours comes first, and says so in the log
  })

  const doors = createDoors({
    limits,
    counted,
    events,
    arrived(stream, arrival) {
      const client = engine.handle(stream)
      admission.arrived(client, stream, arrival)
      ends.watchArrival(client, stream, arrival.address)
    },
  })

  /** A message of our own, or a will that was left. */
  const publish = (message: StoredMessage, owner?: string): Promise<void> =>
    store.whenKept(() => {
      const isReport = isState(message.topic)
      carry.kept({ message: { ...message, retain: message.retain && !isReport }, owner, isState: isReport })
    })

  await restoreSessions({ store, stored, authenticator, restored: owned.recorded, now })
  const keepAlive = startKeepAlive(sessions, closings)
  const expiry = startSessionExpiry({ sessions, stored, events, expirySeconds: limits.sessionExpirySeconds, now })
  router.resume()
  await sendLeftWills({ store, authenticator, publish, events })

  return {
    acceptSocket: doors.acceptSocket,
    acceptWebSocket: doors.acceptWebSocket,
    sessions: createOpenSessions(sessions, closings),
    storedSessions: createStoredSessionList({ sessions, stored, queues: store.queues }),
    traffic: counted,
    storedSessionsAway: () => stored.countAway(clientId => sessions.byClientId(clientId) !== undefined),
    tapMessages: path.tapMessages,
    ...createLiveTopics({ routes, maxBufferedBytes: limits.maxBufferedBytes }),
    publishRetained: (topic, payload) => publish({ topic, payload: Buffer.from(payload), qos: 1, retain: true }),
    replaceRetained: (topic, payload) =>
      store.whenKept(() => store.storeRetained({ topic, payload: Buffer.from(payload), qos: 1, retain: true })),
    check: async () => {
      if (engine.isClosed) throw new Error('the broker is closed')
      router.route({ topic: checkTopic, payload: '', qos: 0, retain: false })
    },
    connectedClients: engine.connected,
    disconnectAll: () => disconnectAll({ sessions, streams: doors.streams, closings }),
    close: () => {
      expiry.stop()
      keepAlive.stop()
      bounds.stop()
      watch.close()
      return engine.close()
    },
  }
}
