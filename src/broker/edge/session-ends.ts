import type { Events } from '../../domain/events.ts'
import { originOf } from '../../domain/origin.ts'
import type { Clock } from '../../domain/request.ts'
import type { EngineClient } from '../engine/engine-client.ts'
import type { BrokerLimits } from '../limits.ts'
import type { Align } from '../rights/alignment.ts'
import { filterBoundsOf } from '../rights/filter-limits.ts'
import type { createSessionWatch } from '../rights/session-watch.ts'
import type { createSubscriptions } from '../rights/subscriptions.ts'
import { closeSession } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import type { ClientStream } from '../transport/client-stream.ts'
import type { MessageTaker } from '../transport/packets/message-packets.ts'

export interface SessionEndsOptions {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  /** The client id with which a client came. */
  readonly clientIdOf: (client: EngineClient) => string
  readonly subscriptions: ReturnType<typeof createSubscriptions>
  readonly watch: ReturnType<typeof createSessionWatch>
  /** Takes the session's messages and acknowledgements. */
  readonly takerOf: (session: Session) => MessageTaker
  /** The session's connection has ended: its will is due. */
  readonly sendWill: (session: Session) => void
  /** Told when the connection has ended and nothing is delivered over it any more. */
  readonly ended: (session: Session) => void
  /** Begins to send the session what waits for it. */
  readonly startSending: (session: Session) => void
  readonly align: Align
  readonly events: Events
  readonly limits: BrokerLimits
  readonly now: Clock
}

const announceSlowedEveryMs = 60_000

/** What happens when a session opens, and what is cleaned up and announced when it ends, however it ends. */
export function createSessionEnds({
  sessions,
  stored,
  clientIdOf,
  subscriptions,
  watch,
  takerOf,
  sendWill,
  ended,
  startSending,
  align,
  events,
  limits,
  now,
}: SessionEndsOptions) {
  /** A socket that has not become a session in time is closed, whether it waits for a CONNECT or for our answer. */
  function watchArrival(client: EngineClient, stream: ClientStream, address: string): void {
    const deadline = setTimeout(() => {
      if (sessions.of(client)?.ready) return
      events.emit('connection-refused', {
        address,
        clientId: clientIdOf(client),
        reason: 'connect-timeout',
        returnCode: 0,
      })
      stream.destroy(new Error('not admitted in time'))
    }, limits.connectTimeoutMs)
    stream.once('close', () => {
      clearTimeout(deadline)
      const session = sessions.of(client)
      if (session) closed(session)
      else if (stream.fault) events.emit('connection-refused', { address, ...stream.fault })
    })
  }

  function closeOlder(session: Session): void {
    for (const older of sessions.allBy(session.clientId)) if (older !== session) closeSession(older, 'taken-over')
  }

  /** The client takes over from the one that is connected with its client id. */
  function registering(client: EngineClient): void {
    const session = sessions.of(client)
    if (session && sessions.byClientId(session.clientId) === session) closeOlder(session)
  }

  /** CONNACK is written with code 0; a refused client has no session. */
  function admitted(client: EngineClient): void {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return
    if (sessions.isSuperseded(session)) {
      closeSession(session, 'taken-over')
      return
    }
    if (sessions.byClientId(session.clientId) === session) {
      if (!session.reader.isStored) void stored.forget(session.clientId) // what was stored under this id is deleted only now
      closeOlder(session)
    }
    const { perPacket, perSession } = filterBoundsOf(session.principal.kind, limits)
    session.stream.raiseLimits({
      maxPacketBytes: limits.maxPacketBytes,
      filters: { subscribe: perPacket, unsubscribe: perSession }, // it may unsubscribe anything at once
    })
    session.ready = true
    session.reader.session = session
    startSending(session)
    align(session)
    watch.watch(session)
    watch.recheckSoon(session) // some rights may have been revoked while it was being admitted
    events.emit('session-opened', { ...originOf(session), transport: session.transport })
    announceSlowed(session)
    session.stream.on('stuck', () => closeSession(session, 'slow-reader'))
    session.stream.on('too-many-filters', (count: number) =>
      events.emit('subscribe-refused', { ...originOf(session), topic: '', rule: 'too-many-filters-in-packet', count }),
    )
  }

  function announceSlowed(session: Session): void {
    let announcedAtMs = Number.NEGATIVE_INFINITY
    session.stream.on('slowed', (forMs: number) => {
      if (forMs >= limits.maxSlowedSeconds * 1000) closeSession(session, 'too-fast')
      if (now() - announcedAtMs < announceSlowedEveryMs) return
      announcedAtMs = now()
      events.emit('session-slowed', originOf(session))
    })
  }

  /** The engine has finished with CONNECT. */
  function caughtUp(client: EngineClient): void {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return
    session.caughtUp = true
    session.stream.openTo(takerOf(session))
    session.stream.answered()
    if (session.principal.kind === 'device') events.emit('device-online', { deviceId: session.principal.deviceId })
  }

  function noteReason(client: EngineClient, reason: string): void {
    const session = sessions.of(client)
    if (session) session.closeReason ??= reason
  }

  function closed(session: Session): void {
    const superseded = sessions.isSuperseded(session)
    const { leaving } = session.stream.dialect
    const isItsOwn = !superseded && stored.readerOf(session.clientId) === session.reader // not its successor's
    if (leaving?.sessionExpirySeconds !== undefined && isItsOwn)
      stored.setExpiry(session.clientId, leaving.sessionExpirySeconds)
    sendWill(session)
    sessions.remove(session)
    watch.stop(session)
    subscriptions.ended(session)
    if (session.reader.session === session) session.reader.session = undefined
    ended(session)
    if (!sessions.byClientId(session.clientId)) leave(session)
    if (!session.ready) return
    const reason = session.closeReason ?? (superseded ? 'taken-over' : endOf(session))
    const principal = session.revokedFrom ?? session.principal
    events.emit('session-closed', { ...originOf(session), principal, reason, durationMs: now() - session.openedAtMs })
    const stillThere = sessions.byClientId(session.clientId)?.ready ?? false
    if (principal.kind === 'device' && !stillThere)
      events.emit('device-offline', { deviceId: principal.deviceId, reason })
  }

  function endOf({ stream }: Session): string {
    if (stream.saidGoodbye) return 'disconnected'
    if (stream.dialect.leaving?.withWill) return 'disconnected-with-will'
    return stream.fault?.reason ?? 'connection-lost'
  }

  /** A session that outlives the connection is away from now on; any other has ended. */
  function leave({ clientId }: Session): void {
    stored.left(clientId, now())
    if (stored.expiryOf(clientId) === 0) void stored.forget(clientId)
  }

  /** The engine has answered a SUBSCRIBE or UNSUBSCRIBE. */
  const answered = (client: EngineClient) => sessions.of(client)?.stream.answered()

  return { watchArrival, registering, admitted, caughtUp, answered, noteReason }
}
