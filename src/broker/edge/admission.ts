import { DatabaseBusy } from '../../domain/database-busy.ts'
import type { Events, Transport } from '../../domain/events.ts'
import { decidePublish } from '../../domain/policy.ts'
import { guest, type Principal } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import {
  type Authenticator,
  authenticationMethod,
  type ConnectRefusal,
  connectRefusals,
  type PeerCertificate,
  tokenUsername,
} from '../../domain/sign-in.ts'
import { localeOf } from '../../protocol/codes.ts'
import { isIdentifier, isServiceClientId } from '../../protocol/identifiers.ts'
import { topics } from '../../protocol/topics.ts'
import type { Connect, EngineClient } from '../engine/engine-client.ts'
import type { BrokerLimits } from '../limits.ts'
import type { ClientIds } from '../sessions/client-ids.ts'
import { Reader } from '../sessions/reader.ts'
import { Session, type SessionReader } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import type { ClientStream } from '../transport/client-stream.ts'
import type { ConnectExtras, Welcome } from '../transport/connect-extras.ts'

/** A connection before its CONNECT was accepted. */
export interface Arrival {
  readonly address: string
  readonly transport: Transport
  /** Used only when CONNECT has no user name. */
  readonly certificate?: PeerCertificate
}

interface Arrived extends Arrival {
  readonly stream: ClientStream
}

export interface AdmissionOptions {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly clientIds: ClientIds
  readonly authenticator: Authenticator
  readonly events: Events
  readonly limits: BrokerLimits
  readonly refuses: (address: string) => boolean
  /** Makes room for a session of this principal; false when it has as many as it may. */
  readonly makeRoom: (principal: Principal, clientId: string) => boolean
  /** Keeps the will of a session that is admitted. Rejects with a fault of the store. */
  readonly keepWill: (session: Session) => Promise<void>
  readonly now: Clock
}

/** The session that a CONNECT asks for. */
interface SessionAsked {
  /** True when it wants nothing of a stored session. */
  readonly isFresh: boolean
  readonly expirySeconds: number
}

const sessionAsked = ({ clean }: Connect, { cleanStart, sessionExpirySeconds }: ConnectExtras): SessionAsked => ({
  isFresh: cleanStart ?? clean,
  expirySeconds: sessionExpirySeconds ?? (clean ? 0 : Number.POSITIVE_INFINITY),
})

/** Refusals of which an operator wants to know the will's topic. */
const refusesWill: ReadonlySet<ConnectRefusal> = new Set(['will-refused', 'will-too-large'])

/** Decides on CONNECT: who it is, whether it may use the client id, and whether its will is allowed. */
export function createAdmission({
  sessions,
  stored,
  clientIds,
  authenticator,
  events,
  limits,
  refuses,
  makeRoom,
  keepWill,
  now,
}: AdmissionOptions) {
  const arrivals = new WeakMap<EngineClient, Arrived>()
  /** The client id with which each came. */
  const askedIds = new WeakMap<EngineClient, string>()
  let guests = 0
  /** The principal of a refused CONNECT, where it is known. */
  const known = new WeakMap<EngineClient, Principal>()

  const clientIdOf = (client: EngineClient): string => askedIds.get(client) ?? client.id ?? ''
  function arrivalOf(client: EngineClient): Arrived {
    const arrival = arrivals.get(client)
    if (!arrival) throw new TypeError('a client that has not arrived')
    return arrival
  }

  function refused(
    client: EngineClient,
    reason: ConnectRefusal,
    { clientId, will }: Pick<Connect, 'clientId' | 'will'>,
  ) {
    const { address } = arrivalOf(client)
    const topic = will && refusesWill.has(reason) ? { topic: will.topic } : {}
    arrivalOf(client).stream.dialect.refuseConnect({ rule: reason })
    const principal = known.get(client)
    const who = principal ? { principal } : {}
    events.emit('connection-refused', {
      address,
      clientId,
      reason,
      returnCode: connectRefusals[reason],
      ...topic,
      ...who,
    })
  }

  async function principalOf(
    clientId: string,
    connect: Connect,
    { address, certificate, stream }: Arrived,
  ): Promise<Principal | ConnectRefusal> {
    const { authenticationMethod: method = authenticationMethod } = stream.dialect.extras
    if (method !== authenticationMethod) return 'bad-authentication-method'
    if (connect.clientId === '' && !connect.clean) return 'identifier-rejected'
    const { username, password } = connect
    const isForAnybody = isIdentifier(clientId)
    // Whether it is a service's is known only when its token has been checked.
    if (!isForAnybody && (username !== tokenUsername || !isServiceClientId(clientId))) return 'identifier-rejected'
    if (username === undefined) {
      if (password !== undefined) return 'bad-credentials'
      if (certificate) return authenticator.authenticate({ username: '', password: '', clientId, address, certificate })
      return guest // the owner of the id is not looked up, so that a stranger learns nothing about it
    }
    const principal = await authenticator.authenticate({
      username,
      password: password?.toString() ?? '',
      clientId,
      address,
    })
    if (typeof principal === 'string' || principal.kind === 'device') return principal
    if (!isForAnybody) return principal.kind === 'service' ? principal : 'identifier-rejected'
    return (await authenticator.isReserved(clientId)) ? 'identifier-reserved' : principal
  }

  /** The last checks need no waiting, so that nothing can change between them and the admission. */
  function refusalOf(
    clientId: string,
    connect: Connect,
    arrival: Arrived,
    principal: Principal,
  ): ConnectRefusal | undefined {
    const { address } = arrival
    if (refuses(address)) return 'address-blocked'
    if (principal.kind === 'guest') {
      if (!connect.clean && arrival.stream.dialect.extras.cleanStart === undefined) return 'guest-session'
      if (connect.will) return 'guest-will'
      if (sessions.guestsFrom(address) >= limits.guest.perAddress) return 'too-many-guests-from-address'
      return sessions.guests() >= limits.guest.connections ? 'too-many-guests' : undefined
    }
    if (!clientIds.mayTake(clientId, principal)) return 'identifier-in-use'
    const { will } = connect
    if (!will) return undefined
    const decision = decidePublish({ clientId, principal }, will.topic, will.retain)
    if (!decision.allowed || will.topic.startsWith(topics.request(clientId, ''))) return 'will-refused'
    return will.payload.length > limits.maxEventBytes ? 'will-too-large' : undefined
  }

  /** The reader for the session: the one that is stored under the client id, as far as CONNECT asks for that. */
  function readerFor(clientId: string, principal: Principal, { isFresh, expirySeconds }: SessionAsked): SessionReader {
    if (principal.kind === 'guest') return new Reader<Session>(clientId, false)
    const isOver = stored.expiryOf(clientId) === 0 || stored.isExpired(clientId, now(), limits.sessionExpirySeconds)
    if (isOver || (isFresh && expirySeconds > 0)) void stored.forget(clientId)
    const isThere = !isFresh && stored.ownerOf(clientId) !== undefined
    if (expirySeconds === 0 && !isThere) return new Reader<Session>(clientId, false)
    const reader = stored.keep(clientId, principal)
    stored.setExpiry(clientId, expirySeconds)
    return reader
  }

  const welcomeOf = ({ clientId, principal: { kind } }: Session, expirySeconds: number): Welcome => ({
    clientId,
    isGuest: kind === 'guest',
    sessionExpirySeconds: kind === 'guest' ? 0 : Math.min(expirySeconds, limits.sessionExpirySeconds),
    sharedSubscriptions: kind === 'service',
  })

  async function admit(client: EngineClient, connect: Connect, arrival: Arrived): Promise<ConnectRefusal | undefined> {
    const { address, transport, stream } = arrival
    const clientId = clientIdOf(client)
    const principal = await principalOf(clientId, connect, arrival)
    if (typeof principal === 'string') return principal
    known.set(client, principal)
    const check = (): ConnectRefusal | undefined =>
      refusalOf(clientId, connect, arrival, principal) ??
      (makeRoom(principal, clientId) ? undefined : 'too-many-sessions')
    let refusal = check()
    if (!refusal && !client.closed && principal.kind !== 'guest') {
      const wiped = clientIds.displace(clientId, principal)
      if (wiped) refusal = (await wiped) ? check() : 'server-unavailable'
    }
    if (refusal) return refusal
    if (client.closed) return undefined // the engine does not go on with a closed client
    const { extras } = stream.dialect
    const reader = readerFor(clientId, principal, sessionAsked(connect, extras))
    const { keepAliveSeconds } = connect
    const will = connect.will && {
      ...connect.will,
      ...extras.will,
    }
    const { receiveMaximum } = extras
    const locale = extras.language === undefined ? undefined : localeOf(extras.language)
    const origin = { client, clientId, stream, address, transport }
    const opening = { ...origin, openedAtMs: now(), principal, reader, keepAliveSeconds, will, receiveMaximum, locale }
    const session = new Session(opening)
    sessions.admit(session)
    if (reader.isStored) stored.cameBack(clientId)
    stream.dialect.welcome(welcomeOf(session, sessionAsked(connect, extras).expirySeconds))
    await Promise.all([keepWill(session), reader.isStored && stored.recorded(clientId)])
    return undefined
  }

  return {
    /** Notes where a client comes from. To be called before it sends anything. */
    arrived(client: EngineClient, stream: ClientStream, arrival: Arrival): void {
      arrivals.set(client, { ...arrival, stream })
    },

    clientIdOf,

    /** The name by which the engine knows a client. A guest's is no client id, so that guests take over nobody. */
    nameOf(client: EngineClient, { clientId, username }: Connect): string {
      if (clientId !== '') askedIds.set(client, clientId)
      const isGuest = username === undefined && !arrivalOf(client).certificate
      return isGuest && clientId !== '' ? `+guest/${++guests}` : clientId
    },

    /** Decides on CONNECT: CONNACK's return code, with a reason in the log, or 0. Never rejects. */
    async connect(client: EngineClient, connect: Connect): Promise<number> {
      let refusal: ConnectRefusal | undefined
      try {
        refusal = await admit(client, connect, arrivalOf(client))
      } catch (cause) {
        refusal = cause instanceof DatabaseBusy ? 'database-busy' : 'server-unavailable'
        if (refusal === 'server-unavailable') events.emit('fault', { where: 'authenticate', cause })
      }
      if (!refusal) return 0
      refused(client, refusal, { ...connect, clientId: clientIdOf(client) })
      return connectRefusals[refusal]
    },
  }
}
