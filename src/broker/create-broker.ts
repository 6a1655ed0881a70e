import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { BrokerBase, BrokerOptions } from './broker-options.ts'
import { createEdge } from './create-edge.ts'
import { createRights } from './create-rights.ts'
import { createDoors } from './doors.ts'
import { createEngineHooks } from './edge/engine-hooks.ts'
import { openEngine } from './engine/open-engine.ts'
import { startRetainedExpiry } from './router/retained-expiry.ts'
import { disconnectAll } from './sessions/disconnect-all.ts'
import { startKeepAlive } from './sessions/keep-alive.ts'
import { restoreSessions } from './sessions/stored/restore-sessions.ts'
import { startSessionExpiry } from './sessions/stored/session-expiry.ts'

/** The MQTT broker: an engine behind our admission, policy, router and persistence. It owns no listener; connections are handed to it. */
export interface Broker {
  acceptSocket(socket: Socket, address: string, transport: 'tcp' | 'tls'): void
  /** `socket` carries the WebSocket. */
  acceptWebSocket(ws: WebSocket, address: string, socket: { readonly bytesRead: number }): void
  /** Health check: routes an empty message through the whole path. Rejects when that cannot be done. */
  check(): Promise<void>
  /** Connections that the engine has admitted and that have not ended. */
  connectedClients(): number
  /** Closes every session. Resolves when their ends are announced; new ones may still come. */
  disconnectAll(): Promise<void>
  /** Stops. Nothing may be published afterwards. */
  close(): Promise<void>
}

/** A topic to which nobody can subscribe. */
const checkTopic = '$latchkey/check'

/** Starts a broker on its hub: first all of it is made, then it takes up what earlier processes have left, and only then does it let a connection in. */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { hub, store, commits, authenticator, events, limits, now } = options
  const onFault = (where: string, cause: unknown) => void events.emit('fault', { where, cause })
  const base: BrokerBase = { refuses: () => false, ...options, onFault }
  const rights = createRights(base, hub)
  const edge = createEdge(base, hub, rights)
  const { sessions, stored, closings, router } = hub
  const { admission, ends } = edge
  const engine = await openEngine({
    hooks: createEngineHooks({
      commits,
      stored,
      admission,
      subscriptions: rights.subscriptions,
      ends,
      announced: (topic, payload) => router.routeLive({ topic, payload, qos: 0, retain: false }),
      failed: onFault,
    }),
    id: `latchkey-${now().toString(36)}`,
    drainTimeoutMs: limits.drainTimeoutMs,
    connectTimeoutMs: 2 * limits.connectTimeoutMs, // our deadline comes first, and says so in the log
  })
  const doors = createDoors({
    limits,
    counted: hub.counted,
    events,
    now,
    arrived(stream, arrival) {
      const client = engine.handle(stream)
      admission.arrived(client, stream, arrival)
      ends.watchArrival(client, stream, arrival.address)
    },
  })

  await restoreSessions({ left: store.sessions, stored, authenticator, restored: hub.owned.recorded, now })
  const keepAlive = startKeepAlive(sessions, closings)
  const expiry = startSessionExpiry({ sessions, stored, events, expirySeconds: limits.sessionExpirySeconds, now })
  const retainedExpiry = startRetainedExpiry({ store, commits, onFault, now })
  await router.resume()
  await edge.dueWills.takeUp()

  return {
    acceptSocket: doors.acceptSocket,
    acceptWebSocket: doors.acceptWebSocket,
    check: async () => {
      if (engine.isClosed) throw new Error('the broker is closed')
      router.routeLive({ topic: checkTopic, payload: '', qos: 0, retain: false })
    },
    connectedClients: engine.connected,
    disconnectAll: () => disconnectAll({ sessions, streams: doors.streams, closings }),
    close: () => {
      expiry.stop()
      retainedExpiry.stop()
      keepAlive.stop()
      hub.bounds.stop()
      edge.watch.close()
      edge.dueWills.stop()
      return engine.close()
    },
  }
}
