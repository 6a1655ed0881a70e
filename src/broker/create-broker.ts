import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Aedes, type Client } from 'aedes'
import type { WebSocket } from 'ws'
import type { DeviceTraffic, RetainedTopics } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import type { MqttStore, StoredMessage } from '../domain/mqtt-store.ts'
import { decideDelivery } from '../domain/policy.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { Authenticator } from '../domain/sign-in.ts'
import type { Locale } from '../protocol/codes.ts'
import { createEmitter } from './emitter.ts'
import { createDeliveryGuard } from './guards/delivery-guard.ts'
import { createGuardedStore } from './guards/guarded-store.ts'
import { createPublishGuard } from './guards/publish-guard.ts'
import type { BrokerLimits } from './limits.ts'
import { createRequestRouter } from './request-router.ts'
import { createLiveDelivery } from './routing/live-delivery.ts'
import { type Arrival, createAdmission } from './session/admission.ts'
import { createAlignment } from './session/alignment.ts'
import { closeSession } from './session/notify.ts'
import type { Session } from './session/session.ts'
import { createSessionEnds } from './session/session-ends.ts'
import { createSessionTable } from './session/session-table.ts'
import { createSessionWatch } from './session/session-watch.ts'
import { createStoredSessions } from './session/stored-sessions.ts'
import { createSubscriptions, storedQos } from './session/subscriptions.ts'
import { ClientStream } from './transport/client-stream.ts'
import { readPeerCertificate } from './transport/peer-certificate.ts'
import { createSocketWire } from './transport/socket-wire.ts'
import { createWebSocketWire } from './transport/websocket-wire.ts'
import type { Wire, WireEvents } from './transport/wire.ts'

export interface BrokerOptions {
  readonly store: MqttStore
  readonly authenticator: Authenticator
  readonly traffic: DeviceTraffic
  readonly handlers: Handlers
  readonly events: Events
  readonly limits: BrokerLimits
  readonly locale: Locale
  readonly now: Clock
}

/** The MQTT broker: Aedes with every one of its edges blunted. It owns no listener; connections are handed to it. */
export interface Broker extends RetainedTopics {
  acceptSocket(socket: Socket, transport: 'tcp' | 'tls'): void
  acceptWebSocket(ws: WebSocket, address: string): void
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
  locale,
  now,
}: BrokerOptions): Promise<Broker> {
  const onFault = (where: string, cause: unknown) => void events.emit('fault', { where, cause })
  const sessions = createSessionTable()
  const stored = createStoredSessions()
  const live = createLiveDelivery()
  const guarded = createGuardedStore({
    store,
    onFault,
    sessions: stored,
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
  const streams = new Set<ClientStream>()
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
  const watch = createSessionWatch({ sessions, stored, authenticator, events, limits, now, align: alignment.align })
  const router = createRequestRouter({
    handlers,
    events,
    locale,
    timeoutMs: limits.requestTimeoutMs,
    now,
    become: watch.become,
    mayStillAct: async principal => typeof (await authenticator.recheck(principal)) !== 'string',
  })
  const admission = createAdmission({ sessions, stored, authenticator, events, limits, now })
  const publishGuard = createPublishGuard({
    sessions,
    traffic,
    live,
    events,
    locale,
    maxEventBytes: limits.maxEventBytes,
    takeRequest: router.take,
    countRefusal: watch.countRefusal,
  })
  const mayDeliver = createDeliveryGuard({ sessions })
  const ends = createSessionEnds({
    sessions,
    stored,
    subscriptions,
    watch,
    takeMessage: publishGuard.takeMessage,
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
      publishGuard.authorizePublish(client, packet)
      done(null)
    },
    authorizeSubscribe: (client, subscription, done) => done(null, subscriptions.authorize(client, subscription)),
    authorizeForward: mayDeliver,
  })
  aedes.on('subscribe', (granted, client) => subscriptions.activated(client, granted))
  aedes.on('unsubscribe', (filters, client) => subscriptions.deactivated(client, filters))
  aedes.on('connackSent', (_connack, client) => ends.admitted(client))
  aedes.on('clientReady', client => ends.caughtUp(client))
  aedes.on('client', client => ends.registered(aedes, client))
  aedes.on('keepaliveTimeout', client => ends.noteReason(client, 'keep-alive-timeout'))
  aedes.on('clientError', (client, error) => ends.noteReason(client, error.message))
  aedes.on('connectionError', () => {}) // never admitted: the refusal, or the closing, is logged where it is decided
  const emitter: EventEmitter = aedes // Aedes' types leave its 'error' out
  emitter.on('error', cause => onFault('broker', cause))

  function accept(attach: (wire: WireEvents) => Wire, arrival: Arrival): void {
    const stream = new ClientStream(attach, {
      maxPacketBytes: limits.maxConnectPacketBytes,
      maxPendingBytes: limits.maxBufferedBytes,
    })
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
    const client: Client = aedes.handle(stream)
    admission.arrived(client, arrival)
    ends.watchArrival(client, stream, arrival.address)
  }

  function acceptSocket(socket: Socket, transport: 'tcp' | 'tls'): void {
    const address = socket.remoteAddress ?? 'unknown'
    const certificate = readPeerCertificate(socket)
    if (certificate && 'problem' in certificate) {
      const reason = `bad-certificate: ${certificate.problem}`
      events.emit('connection-refused', { address, clientId: '', reason, returnCode: 0 })
      socket.destroy()
      return
    }
    accept(wire => createSocketWire(socket, wire), { address, transport, ...(certificate && { certificate }) })
  }

  const publish = (topic: string, payload: string) =>
    new Promise<void>((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: true, dup: false } as const
      aedes.publish(packet, error => (error ? reject(error) : resolve()))
    })

  return {
    acceptSocket,
    acceptWebSocket: (ws, address) => accept(wire => createWebSocketWire(ws, wire), { address, transport: 'ws' }),
    publishRetained: publish,
    replaceRetained: (topic, payload) =>
      guarded.storeRetained({ topic, payload: Buffer.from(payload), qos: 1, retain: true }),
    retainedOn: async topic => {
      const [message]: StoredMessage[] = await guarded.createRetainedStreamCombi([topic]).toArray()
      return message?.payload.toString()
    },
    connectedClients: () => aedes.connectedClients,
    disconnectAll: async () => {
      const open = [...sessions.all()]
      const gone = open.map(({ stream }) => new Promise(resolve => stream.once('close', resolve)))
      for (const session of open) closeSession(session, 'broker-stopping')
      for (const stream of streams) if (!open.some(session => session.stream === stream)) stream.destroy()
      await Promise.all(gone)
    },
    close: () => new Promise(resolve => aedes.close(() => resolve())),
  }
}
