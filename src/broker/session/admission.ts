import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import { DatabaseBusy } from '../../domain/database-busy.ts'
import type { Events, Transport } from '../../domain/events.ts'
import { decidePublish } from '../../domain/policy.ts'
import { guest, type Principal } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import {
  type Authenticator,
  type ConnectRefusal,
  connectRefusals,
  type PeerCertificate,
  tokenUsername,
} from '../../domain/sign-in.ts'
import { isIdentifier, isServiceClientId } from '../../protocol/identifiers.ts'
import { topics } from '../../protocol/topics.ts'
import type { BrokerLimits } from '../limits.ts'
import { ClientStream } from '../transport/client-stream.ts'
import type { ClientIds } from './client-ids.ts'
import { Reader } from './reader.ts'
import { Session, type SessionWill } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

/** A connection before its CONNECT was accepted. */
export interface Arrival {
  readonly address: string
  readonly transport: Transport
  /** Counts for who names no user; who does signs in as anywhere. */
  readonly certificate?: PeerCertificate
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
  const arrivals = new WeakMap<Client, Arrival>()
  const connects = new WeakMap<Client, ConnectPacket>()
  /** By which client id each came. */
  const askedIds = new WeakMap<Client, string>()
  let guests = 0
  /** Who it is that is refused, where that was found out. */
  const known = new WeakMap<Client, Principal>()

  const clientIdOf = (client: Client): string => askedIds.get(client) ?? client.id ?? ''
  const arrivalOf = (client: Client): Arrival => arrivals.get(client) ?? { address: 'unknown', transport: 'tcp' }

  function refused(
    client: Client,
    reason: ConnectRefusal,
    { clientId, will }: Pick<ConnectPacket, 'clientId' | 'will'>,
  ) {
    const { address } = arrivalOf(client)
    const topic = will && refusesWill.has(reason) ? { topic: will.topic } : {}
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
    connect: ConnectPacket,
    { address, certificate }: Arrival,
  ): Promise<Principal | ConnectRefusal> {
    if (connect.clientId === '' && !connect.clean) return 'identifier-rejected'
    const { username, password } = connect
    const isForAnybody = isIdentifier(clientId)
    // That it is a service's is known when its token was looked at.
    if (!isForAnybody && (username !== tokenUsername || !isServiceClientId(clientId))) return 'identifier-rejected'
    if (username === undefined) {
      if (password !== undefined) return 'bad-credentials'
      if (certificate) return authenticator.authenticate({ username: '', password: '', clientId, address, certificate })
      return guest // nobody looks whose the id is, so that a stranger learns nothing of it
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
    connect: ConnectPacket,
    address: string,
    principal: Principal,
  ): ConnectRefusal | undefined {
    if (refuses(address)) return 'address-blocked'
    if (principal.kind === 'guest') {
      if (!connect.clean) return 'guest-session'
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

  async function admit(client: Client, connect: ConnectPacket, arrival: Arrival): Promise<ConnectRefusal | undefined> {
    const { address, transport } = arrival
    const clientId = clientIdOf(client)
    const principal = await principalOf(clientId, connect, arrival)
    if (typeof principal === 'string') return principal
    known.set(client, principal)
    const check = (): ConnectRefusal | undefined =>
      refusalOf(clientId, connect, address, principal) ??
      (makeRoom(principal, clientId) ? undefined : 'too-many-sessions')
    let refusal = check()
    if (!refusal && !client.closed && principal.kind !== 'guest') {
      const wiped = clientIds.displace(clientId, principal)
      if (wiped) refusal = (await wiped) ? check() : 'server-unavailable'
    }
    if (refusal) return refusal
    const { conn } = client
    if (!(conn instanceof ClientStream)) throw new TypeError('a client that does not come over a ClientStream')
    if (client.closed) return undefined // Aedes stops here by itself
    const reader = connect.clean ? new Reader<Session>(clientId, false) : stored.keep(clientId, principal)
    const keepAliveSeconds = connect.keepalive ?? 0
    const origin = { client, clientId, stream: conn, address, transport }
    const will = connect.will && willOf(connect.will)
    const session = new Session({ ...origin, openedAtMs: now(), principal, reader, keepAliveSeconds, will })
    sessions.admit(session)
    if (!connect.clean) stored.cameBack(clientId)
    await keepWill(session)
    return undefined
  }

  return {
    /** Notes where a client comes from. To be called before it sends anything. */
    arrived(client: Client, arrival: Arrival): void {
      arrivals.set(client, arrival)
    },

    clientIdOf,

    /**
     * Aedes' `preConnect`: only keeps the packet; refusing here would leave the socket open without a CONNACK. Keep alive is ours, for Aedes
     * would hear whole packets alone; so is the will. Aedes knows a guest by a name of its own, which is no client id, so that guests take nobody's place.
     */
    preConnect(client: Client, connect: ConnectPacket, done: (error: Error | null, ok: boolean) => void): void {
      connects.set(client, { ...connect })
      const { clientId, username } = connect
      if (clientId !== '') {
        askedIds.set(client, clientId)
        if (username === undefined && !arrivalOf(client).certificate) connect.clientId = `+guest/${++guests}`
      }
      connect.keepalive = 0
      delete connect.will
      done(null, true)
    },

    /** Aedes' `authenticate`: answers CONNACK 2, 3, 4 or 5 with a reason in the log, and never throws. */
    authenticate(client: Client, done: (error: AuthenticateError | null, ok: boolean | null) => void): void {
      const connect = connects.get(client)
      const arrival = arrivalOf(client)
      connects.delete(client)
      const refuse = (reason: ConnectRefusal) => {
        refused(client, reason, { ...connect, clientId: clientIdOf(client) })
        done(Object.assign(new Error(reason), { returnCode: connectRefusals[reason] }), null)
      }
      const admitted = connect ? admit(client, connect, arrival) : Promise.resolve('server-unavailable' as const)
      admitted
        .catch((cause: unknown): ConnectRefusal => {
          if (cause instanceof DatabaseBusy) return 'database-busy'
          events.emit('fault', { where: 'authenticate', cause })
          return 'server-unavailable'
        })
        .then(refusal => (refusal ? refuse(refusal) : done(null, true)))
        .catch((cause: unknown) => void events.emit('fault', { where: 'authenticate', cause }))
    },
  }
}

const willOf = ({ topic, payload, qos, retain }: NonNullable<ConnectPacket['will']>): SessionWill => ({
  topic,
  payload: Buffer.from(payload),
  qos: qos ?? 0,
  retain: retain ?? false,
})
