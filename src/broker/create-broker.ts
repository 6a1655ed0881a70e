import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Aedes, type Client } from 'aedes'
import type { WebSocket } from 'ws'
import type { DeviceTraffic, RetainedTopics } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { MqttStore, StoredMessage } from '../domain/mqtt-store.ts'
import type { OpenSessions } from '../domain/open-sessions.ts'
import { decideDelivery } from '../domain/policy.ts'
import { hasExpired } from '../domain/principal.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { Authenticator } from '../domain/sign-in.ts'
import { createTrafficByKind, type TrafficByKind } from '../domain/traffic-counts.ts'
import type { Locale } from '../protocol/codes.ts'
import { createDoors } from './doors.ts'
import { createEmitter } from './emitter.ts'
import { createDeliveryGuard } from './guards/delivery-guard.ts'
import { createGuardedStore } from './guards/guarded-store.ts'
import { createKeepMessage } from './guards/keep-message.ts'
import { createPublishGuard } from './guards/publish-guard.ts'
import { createRetainedNow } from './guards/retained-now.ts'
import type { BrokerLimits } from './limits.ts'
import { createRequestLimits } from './request-limits.ts'
import { createRequestRouter } from './request-router.ts'
import { createLiveDelivery } from './routing/live-delivery.ts'
import { createLiveTopics } from './routing/live-topics.ts'
import { createMessagePath } from './routing/message-tap.ts'
import { createAdmission } from './session/admission.ts'
import { createAlignment } from './session/alignment.ts'
import { createHeldDeliveries } from './session/held-deliveries.ts'
import { createKeepWill } from './session/keep-will.ts'
import { sendLeftWills } from './session/left-wills.ts'
import { closeSession } from './session/notify.ts'
import { createOpenSessions } from './session/open-sessions.ts'
import { keepRepeatedFilters } from './session/repeated-filters.ts'
import { restoreSessions } from './session/restore-sessions.ts'
import type { Session } from './session/session.ts'
import { createSessionEnds } from './session/session-ends.ts'
import { startSessionExpiry } from './session/session-expiry.ts'
import { createSessionTable } from './session/session-table.ts'
import { createSessionWatch } from './session/session-watch.ts'
import { createStoredSessions } from './session/stored-sessions.ts'
import { createSubscriptions, storedQos } from './session/subscriptions.ts'
import { sinkTopic } from './sink.ts'

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

/** The MQTT broker: Aedes with every one of its edges blunted. It owns no listener; connections are handed to it. */
export interface Broker extends RetainedTopics, LiveTopics, TappedMessages {
  acceptSocket(socket: Socket, transport: 'tcp' | 'tls'): void
  acceptWebSocket(ws: WebSocket, address: string): void
  readonly sessions: OpenSessions
  /** What passed since the start. */
  readonly traffic: TrafficByKind
  /** Sessions that are kept for clients that are not connected. */
  storedSessionsAway(): number
  /** Sends nothing to nobody, all the way; rejects when that cannot be done. */
  check(): Promise<void>
  /** Connections that Aedes has admitted and not seen the end of. */
  connectedClients(): number
  /** Closes every session. Resolves when their ends are announced; new ones may still come. */
  disconnectAll(): Promise<void>
  /** Stops. Nothing may be published afterwards. */
  close(): Promise<void>
}

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
  const sessions = createSessionTable()
  const notKept = (cause: unknown) => onFault('store session', cause)
  const stored = createStoredSessions({
    keep: session => void store.keepSession(session).catch(notKept),
    forget: clientId => void store.forgetSession({ id: clientId }).catch(notKept),
  })
  const path = createMessagePath()
  const live = createLiveDelivery(path)
  const held = createHeldDeliveries({
    maxBytes: limits.maxBufferedBytes,
    tooMuch: client => {
      const session = sessions.of(client)
      if (session) closeSession(session, 'slow-reader')
    },
  })
  const guarded = createGuardedStore({
    store,
    onFault,
    sessions: stored,
    qos2Window: limits.qos2Window,
    queued: held.queued,
    principalOf: clientId => sessions.byClientId(clientId)?.principal,
    storedQos: ({ id }, filter) => {
      const session = sessions.byClientId(id)
      return session && storedQos(session, filter)
    },
    mayQueue: (clientId, topic) => {
      const session = sessions.byClientId(clientId)
      if (session) return session.deliveryDecision(topic).allowed
      const principal = stored.principalOf(clientId)
      return principal !== undefined && decideDelivery({ clientId, principal }, topic).allowed
    },
  })
  const counted = createTrafficByKind()
  const forgetStored = async ({ client, clientId }: Session, filters: string[]) => {
    if (!client.clean) await guarded.removeSubscriptions({ id: clientId }, filters)
  }
  const alignment = createAlignment({ sessions, stored, live, events, forgetStored })
  const subscriptions = createSubscriptions({
    sessions,
    stored,
    live,
    events,
    alignment,
    forgetStored,
    filtersPerSession: limits.filtersPerSession,
    followedPerSession: limits.followedPerSession,
    filtersPerPacket: limits.filtersPerPacket,
  })
  const watch = createSessionWatch({
    sessions,
    stored,
    authenticator,
    events,
    limits,
    now,
    align: alignment.align,
    keepWill: createKeepWill({ store, onFault: cause => onFault('store will', cause) }),
  })
  const router = createRequestRouter({
    handlers,
    events,
    locale,
    timeoutMs: limits.requestTimeoutMs,
    requestLimits: createRequestLimits(limits, now),
    now,
    become: watch.become,
    mayStillAct: async principal =>
      !hasExpired(principal, now()) && typeof (await authenticator.recheck(principal)) !== 'string',
  })
  const admission = createAdmission({ sessions, stored, authenticator, events, limits, refuses, now })
  const publishGuard = createPublishGuard({
    sessions,
    traffic,
    live,
    events,
    locale,
    maxEventBytes: limits.maxEventBytes,
    keep: createKeepMessage({ store: guarded, qos2Window: limits.qos2Window, route }),
    retain: (message, owner) =>
      void guarded.storeRetained(message, owner).catch(cause => onFault('store retained', cause)),
    hasRoomFor: guarded.hasRoomFor,
    forgetWill: guarded.delWill,
    takeRequest: router.take,
    countRefusal: watch.countRefusal,
    now,
  })
  const mayDeliver = createDeliveryGuard({
    sessions,
    retainedNow: createRetainedNow({ store: guarded, traffic, onFault }),
  })
  const ends = createSessionEnds({
    sessions,
    stored,
    subscriptions,
    watch,
    takeMessage: (session, topic, payload) => {
      path.publishingFast(session, topic, payload)
      return publishGuard.takeMessage(session, topic, payload)
    },
    held,
    events,
    limits,
    now,
  })

  const aedes = await Aedes.createBroker({
    id: `latchkey-${now().toString(36)}`, // fresh and time-ordered: a reused id would restart the counters that order a queue
    persistence: guarded,
    mq: createEmitter(),
    drainTimeout: limits.drainTimeoutMs,
    connectTimeout: 2 * limits.connectTimeoutMs, // ours comes first, and says so in the log
    maxClientsIdLength: 64,
    queueLimit: 100,
    preConnect: admission.preConnect,
    authenticate: (client, _username, _password, done) => admission.authenticate(client, done),
    authorizePublish: (client, packet, done) => {
      path.publishing(client ? sessions.of(client) : undefined, packet)
      publishGuard.authorizePublish(client, packet, done)
    },
    authorizeSubscribe: (client, subscription, done) => done(null, subscriptions.authorize(client, subscription)),
    authorizeForward: (client, packet) => {
      const sent = mayDeliver(client, packet)
      if (sent) path.delivering(sessions.of(client), sent.topic, sent.payload, sent.qos)
      return sent
    },
  })
  aedes.on('subscribe', (granted, client) => subscriptions.activated(client, granted))
  aedes.on('unsubscribe', (filters, client) => subscriptions.deactivated(client, filters))
  aedes.on('connackSent', (_connack, client) => ends.admitted(client))
  aedes.on('clientReady', client => ends.caughtUp(client))
  // Aedes counts by client id, and of several that come by one id at once it takes the end of one for that of another.
  const registered = new Set<Client>()
  aedes.on('client', client => {
    registered.add(client)
    client.conn.once('close', () => registered.delete(client))
    ends.registered(aedes, client)
  })
  aedes.on('clientDisconnect', client => registered.delete(client))
  aedes.on('keepaliveTimeout', client => ends.noteReason(client, 'keep-alive-timeout'))
  aedes.on('clientError', (client, error) => ends.noteReason(client, error.message))
  aedes.on('connectionError', () => {}) // never admitted: the refusal, or the closing, is logged where it is decided
  const emitter: EventEmitter = aedes // Aedes' types leave its 'error' out
  emitter.on('error', cause => onFault('broker', cause))

  const doors = createDoors({
    limits,
    counted,
    events,
    arrived(stream, arrival) {
      const client: Client = aedes.handle(stream)
      admission.arrived(client, arrival)
      held.watch(client)
      keepRepeatedFilters(client)
      ends.watchArrival(client, stream, arrival.address)
    },
  })

  /** Routes through Aedes: to stored sessions first, then to those that are connected. Nothing is retained. */
  function route({ topic, payload, qos }: Pick<StoredMessage, 'topic' | 'payload' | 'qos'>): Promise<void> {
    return new Promise((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload, qos, retain: false, dup: false } as const
      aedes.publish(packet, error => (error ? reject(error) : resolve()))
    })
  }

  /** A message of our own, or a will that was left. */
  const publish = (message: StoredMessage, owner?: string): Promise<void> =>
    guarded.whenKept(async () => {
      if (message.retain) await guarded.storeRetained(message, owner)
      await route(message)
    })

  await restoreSessions({ store, stored, authenticator, now })
  const expiry = startSessionExpiry({ sessions, stored, events, expirySeconds: limits.sessionExpirySeconds, now })
  await sendLeftWills({ store, authenticator, publish, events })

  return {
    acceptSocket: doors.acceptSocket,
    acceptWebSocket: doors.acceptWebSocket,
    sessions: createOpenSessions(sessions),
    traffic: counted,
    storedSessionsAway: () => stored.countAway(clientId => sessions.byClientId(clientId) !== undefined),
    tapMessages: path.tapMessages,
    ...createLiveTopics({ live, maxBufferedBytes: limits.maxBufferedBytes }),
    publishRetained: (topic, payload) => publish({ topic, payload: Buffer.from(payload), qos: 1, retain: true }),
    replaceRetained: (topic, payload) =>
      guarded.whenKept(() => guarded.storeRetained({ topic, payload: Buffer.from(payload), qos: 1, retain: true })),
    retainedOn: async topic => guarded.retainedOn(topic)?.payload.toString(),
    check: async () => {
      if (aedes.closed) throw new Error('the broker is closed')
      await route({ topic: sinkTopic, payload: Buffer.alloc(0), qos: 0 })
    },
    connectedClients: () => registered.size,
    disconnectAll: async () => {
      const open = [...sessions.all()]
      const gone = open.map(({ stream }) => new Promise(resolve => stream.once('close', resolve)))
      for (const session of open) closeSession(session, 'broker-stopping')
      for (const stream of doors.streams) if (!open.some(session => session.stream === stream)) stream.destroy()
      await Promise.all(gone)
    },
    close: () => {
      expiry.stop()
      return new Promise(resolve => aedes.close(() => resolve()))
    },
  }
}
