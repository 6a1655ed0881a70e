import type { AddressInfo, Socket } from 'node:net'
import fastify from 'fastify'
import type { WebSocket } from 'ws'
import type { ConnectionLimits } from '../domain/connection-limits.ts'
import { createRefusedSockets } from './refused-sockets.ts'
import { type MonitoringOptions, serveMonitoring } from './serve-monitoring.ts'
import { type Site, serveSite } from './serve-site.ts'
import { createUpgrade } from './upgrade.ts'

export interface HttpOptions extends MonitoringOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The public keys that tokens are verified with (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly object[] }
  readonly acceptWebSocket: (ws: WebSocket, address: string, socket: Socket) => void
  /** Asked of the address of every new WebSocket; one that it refuses is answered 403. */
  readonly refuses: (address: string) => boolean
  readonly connections: ConnectionLimits
  /** Web origins that may open a WebSocket; empty: any. Clients that are no browsers send none. */
  readonly origins: readonly string[]
  /** Largest WebSocket message, in bytes. */
  readonly maxFrameBytes: number
  /** What is served at `/NAME/`. */
  readonly sites: readonly Site[]
}

/** The HTTP port: MQTT over WebSocket at `/mqtt`, and what machines ask: health, readiness, metrics, public keys. */
export interface Http {
  /** The port that was really bound. */
  readonly port: number
  /** Refuses new WebSockets from now on; those that are open belong to the broker. */
  stopAccepting(): void
  /** Stops listening. Resolves when the last connection is gone, so the broker closes its WebSockets first. */
  close(): Promise<void>
}

/** Listens for HTTP. Rejects when the port cannot be bound. */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1024, requestTimeout: 10_000 })
  await serveMonitoring(app, options)
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(options.jwks()),
  )
  app.get('/mqtt', (_request, reply) =>
    reply
      .code(426)
      .header('upgrade', 'websocket')
      .send({ error: 'this is MQTT over WebSocket: connect with subprotocol mqtt' }),
  )
  for (const site of options.sites) await serveSite(app, site)
  let accepting = true
  const refused = createRefusedSockets(options.connections)
  app.server.on('connection', refused.check)
  app.server.on('upgrade', createUpgrade({ ...options, isAccepting: () => accepting, tooMany: refused.reasonOf }))
  await app.listen({ host: options.host, port: options.port })
  const { port } = app.server.address() as AddressInfo
  return {
    port,
    stopAccepting: () => {
      accepting = false
    },
    close: () => app.close(),
  }
}
