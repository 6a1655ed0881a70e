import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createGroupCommit } from '../../src/broker/commit/group-commit.ts'
import { createBroker } from '../../src/broker/create-broker.ts'
import { createHub } from '../../src/broker/create-hub.ts'
import type { BrokerLimits } from '../../src/broker/limits.ts'
import { createOrders } from '../../src/bus/create-orders.ts'
import type { Bus } from '../../src/domain/bus.ts'
import { createEvents, type Events } from '../../src/domain/events.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import type { Grants, UserPrincipal } from '../../src/domain/principal.ts'
import type { Authenticator } from '../../src/domain/sign-in.ts'
import { createMemoryBus, createMemoryStore } from './in-memory.ts'

/** The user `u`, who owns the device `d1`, or whatever `grants` say. */
export const ownerOfD1 = (grants: Grants = new Map([['d1', 'owner']])): UserPrincipal => ({
  kind: 'user',
  userId: 'u',
  username: 'u',
  grants,
  token: { id: 't', expiresAtMs: Date.now() + 3_600_000 },
})

const unused = () => Promise.reject(new Error('not part of this test'))

/**
 * The broker alone, on a TCP port: who comes with user name `jwt` is the owner of device `d1`,
 * anybody else the device of its client id, unless `authenticator` says otherwise.
 */
export async function startBroker({
  store = createMemoryStore(),
  bus = createMemoryBus(),
  authenticator = {},
  connectTimeoutMs = 5000,
  limits = {},
}: {
  store?: MqttStore
  bus?: Bus
  authenticator?: Partial<Authenticator>
  connectTimeoutMs?: number
  limits?: Partial<BrokerLimits>
} = {}) {
  const announcing = createEvents()
  const events: Events = announcing
  const orders = createOrders(announcing, bus)
  const faults: string[] = []
  events.on('fault', ({ where }) => faults.push(where))
  const commits = createGroupCommit(store, {
    onFault: cause => events.emit('fault', { where: 'after a commit', cause }),
  })
  const common = {
    store,
    commits,
    bus,
    events,
    orders,
    traffic: {
      checkCommand: () => ({ forward: true }) as const,
      reported: (_deviceId: string, payload: Buffer) => ({ forReaders: payload, denied: [], values: 0 }),
      stateNow: () => '',
    },
    limits: {
      maxConnectPacketBytes: 16_384,
      maxPacketBytes: 262_144,
      maxEventBytes: 65_536,
      maxBufferedBytes: 1_048_576,
      messagesPerSecond: 100_000,
      bytesPerSecond: 104_857_600,
      connectTimeoutMs,
      drainTimeoutMs: 2000,
      pingSeconds: 25,
      maxSlowedSeconds: 300,
      filtersPerSession: 10_000,
      filtersPerPacket: 1000,
      filtersPerSessionOfOthers: 1000,
      filtersPerPacketOfOthers: 100,
      followedPerSession: 50,
      refusedPublishesPerMinute: 20,
      refusedSubscribesPerMinute: 20,
      qos2Window: 1000,
      sessionsPerAccount: 200,
      sessionsPerService: 2000,
      sessionExpirySeconds: 604_800,
      requestsPerMinute: 1_000_000,
      requestsPerMinuteOf: {},
      requestTimeoutMs: 1000,
      guest: { idleSeconds: 30, maxSeconds: 600, perAddress: 50, connections: 5000 },
      ...limits,
    },
    now: Date.now,
  }
  const hub = createHub(common)
  const broker = await createBroker({
    ...common,
    hub,
    authenticator: {
      authenticate: async ({ username, clientId }) =>
        username === 'jwt' ? ownerOfD1() : { kind: 'device', deviceId: clientId, type: 'lamp' },
      isReserved: async () => false,
      recheck: async principal => principal,
      recheckAll: principals => Promise.all(principals.map(authenticator.recheck ?? (async same => same))),
      restore: async principal => (principal.kind === 'user' ? ownerOfD1() : principal),
      restoreAll: async principals => principals,
      ...authenticator,
    },
    handlers: new Proxy({} as never, { get: () => unused }),
    locale: 'en',
  })
  await bus.start({ obey: orders.obeyHere, deliver: hub.router.deliver })
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    broker.acceptSocket(socket, socket.remoteAddress ?? 'unknown', 'tcp')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    broker: { ...hub.ports, ...broker },
    events,
    orders,
    faults,
    sockets,
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await broker.disconnectAll()
      await broker.close()
      await bus.close()
    },
  }
}
