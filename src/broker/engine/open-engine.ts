import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { Aedes, type ConnectPacket, type Subscription } from 'aedes'
import type { Qos } from '../../domain/qos.ts'
import { createAedesPersistence } from './aedes-persistence.ts'
import { countRegistered } from './count-registered.ts'
import type { Connect, EngineClient, EngineHooks } from './engine-client.ts'
import { checkQuirks, registerLiving } from './quirks.ts'
import { createSilentEmitter } from './silent-emitter.ts'

/** Handles CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ and DISCONNECT of every connection, and the takeover of client ids. It routes nothing. */
export interface Engine {
  /** Begins to read from a connection, and to write to it. */
  handle(stream: Duplex): EngineClient
  /** Clients that were admitted and have not ended. */
  connected(): number
  readonly isClosed: boolean
  close(): Promise<void>
}

export interface EngineOptions {
  readonly hooks: EngineHooks
  /** New at each start. */
  readonly id: string
  readonly drainTimeoutMs: number
  /** From the opening of the socket to CONNACK. */
  readonly connectTimeoutMs: number
}

const serverUnavailable = 3

/** Starts Aedes. Throws when it is not the Aedes that we know. */
export async function openEngine({ hooks, id, drainTimeoutMs, connectTimeoutMs }: EngineOptions): Promise<Engine> {
  const connects = new WeakMap<EngineClient, Connect>()

  const aedes = await Aedes.createBroker({
    id,
    persistence: createAedesPersistence(hooks),
    mq: createSilentEmitter(({ topic, payload }) => hooks.announced(topic, payload)),
    drainTimeout: drainTimeoutMs,
    connectTimeout: connectTimeoutMs,
    maxClientsIdLength: 65_535, // the admission checks ids
    queueLimit: 100,
    // Only keeps the packet: refusing here would leave the socket open without a CONNACK.
    preConnect(client, packet, done) {
      const connect = connectOf(packet)
      connects.set(client, connect)
      packet.clientId = hooks.nameOf(client, connect)
      packet.keepalive = 0
      delete packet.will
      done(null, true)
    },
    authenticate(client, _username, _password, done) {
      const connect = connects.get(client)
      connects.delete(client)
      const refuse = (returnCode: number) => done(Object.assign(new Error('refused'), { returnCode }), null)
      if (!connect) {
        refuse(serverUnavailable) // a client before its CONNECT; what is thrown here would end the process
        return
      }
      void hooks.connect(client, connect).then(returnCode => (returnCode === 0 ? done(null, true) : refuse(returnCode)))
    },
    authorizeSubscribe: (client, asked, done) => done(null, hooks.grants(client, askedOf(asked)) ? asked : null),
  })
  checkQuirks(aedes)
  registerLiving(aedes, hooks.registering)
  const connected = countRegistered(aedes)

  aedes.on('subscribe', (granted, client) => {
    const filters = granted.map(({ topic }) => topic)
    hooks.subscribed(client, filters)
  })
  aedes.on('unsubscribe', (filters, client) => hooks.unsubscribed(client, filters))
  aedes.on('connackSent', (_connack, client) => hooks.admitted(client))
  aedes.on('clientReady', client => hooks.caughtUp(client))
  aedes.on('clientError', (client, error) => hooks.noteReason(client, error.message))
  aedes.on('connectionError', () => {}) // never admitted: its refusal or closing is logged where it is decided
  const emitter: EventEmitter = aedes // Aedes' types lack its 'error' event
  emitter.on('error', cause => hooks.failed('broker', cause))

  return {
    handle: stream => aedes.handle(stream),
    connected,
    get isClosed() {
      return aedes.closed
    },
    close: () => new Promise(resolve => aedes.close(() => resolve())),
  }
}

function connectOf({ clientId, clean = false, username, password, keepalive, will }: ConnectPacket): Connect {
  return {
    clientId,
    clean,
    username,
    password,
    keepAliveSeconds: keepalive ?? 0,
    will: will && {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos ?? 0,
      retain: will.retain ?? false,
    },
  }
}

/** The parser also gives what a bridge asks for; Aedes' types lack it. */
function askedOf({ topic, qos, nl, rap }: Subscription & { readonly nl?: boolean; readonly rap?: boolean }) {
  const level: Qos = qos
  return { filter: topic, qos: level, noLocal: nl === true, retainAsPublished: rap === true }
}
