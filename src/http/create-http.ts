import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'
import type { ConnectionGate, NotAdmitted } from '../domain/connection-gate.ts'
import { proxyHeaderBegins } from '../domain/proxy-protocol.ts'
import { answerClientError } from './connections/answer-client-error.ts'
import { gateServer } from './connections/gate-server.ts'
import { refusalStatus } from './connections/refusal-status.ts'
import { type MonitoringOptions, serveMonitoring } from './monitoring/serve-monitoring.ts'
import { serveClaimPage } from './sites/serve-claim-page.ts'
import { type Site, serveSite } from './sites/serve-site.ts'
import { serveStartPage } from './sites/serve-start-page.ts'
import { serveVerificationFiles } from './sites/serve-verification-files.ts'
import { createUpgrade } from './upgrade/upgrade.ts'

export interface HttpOptions extends Omit<MonitoringOptions, 'clientOf'> {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The public keys that tokens are verified with (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly object[] }
  readonly acceptWebSocket: (ws: WebSocket, address: string, socket: Socket) => void
  readonly gate: ConnectionGate
  /** Told the name of what a client sent instead of HTTP. */
  readonly notHttp: (address: string, looksLike: string) => void
  /** Web origins that may open a WebSocket; empty: any. Only browsers send an origin. */
  readonly origins: readonly string[]
  /** Largest WebSocket message, in bytes. */
  readonly maxFrameBytes: number
  /** Served at `/NAME/`. */
  readonly sites: readonly Site[]
  /** Served at `/NAME`. */
  readonly verificationFiles: () => ReadonlyMap<string, Buffer>
}

/** The HTTP port: MQTT over WebSocket at `/mqtt`, health, readiness, metrics, public keys, and the sites. */
export interface Http {
  /** The port that was really bound. */
  readonly port: number
  /** Serves a connection that passed the gate on another port: HTTPS, after TLS. */
  accept(socket: Socket, address: string): void
  /** Refuses new WebSockets from now on; open ones belong to the broker. */
  stopAccepting(): void
  /** Stops listening. Resolves when the last connection is gone, so the broker closes its WebSockets first. */
  close(): Promise<void>
}

/** Listens for HTTP. Rejects when the port cannot be bound. */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const { gate, host, port } = options
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1024,
    requestTimeout: wholeRequestMs,
    connectionTimeout: silenceMs,
    http: { headersTimeout: wholeRequestMs, connectionsCheckingInterval: 1000 },
    frameworkErrors: (error, request, reply) => {
      // Fastify calls no hook for a malformed path.
      const reason = gate.mayNotAsk(clientOf(request.raw))
      void (reason ? refuse(reply, reason) : refusePath(reply, error.message))
    },
    clientErrorHandler(error, socket) {
      if (looksLikeProxyHeader(error)) options.notHttp(addressOf(socket), 'PROXY protocol')
      answerClientError(socket, error.code, connectionOf(socket)?.hasBegunAnswer() === true)
    },
  })
  const { connectionOf, accept } = gateServer(app.server, gate)
  const addressOf = (connection: Duplex) => connectionOf(connection)?.address ?? 'unknown'
  const clientOf = ({ socket, headers }: IncomingMessage) =>
    gate.clientOf(addressOf(socket), headers['x-forwarded-for']?.toString())
  app.addHook('onRequest', async (request, reply) => {
    const reason = gate.mayNotAsk(clientOf(request.raw))
    if (reason) await refuse(reply, reason)
  })
  await serveMonitoring(app, { ...options, clientOf })
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(options.jwks()),
  )
  app.get('/mqtt', (request, reply) =>
    reply
      .code(426)
      .header('upgrade', 'websocket')
      .send({ error: adviceOnMqtt(request.raw) }),
  )
  serveStartPage(app, options.sites)
  serveClaimPage(app)
  serveVerificationFiles(app, options.verificationFiles)
  for (const site of options.sites) serveSite(app, site)
  let accepting = true
  app.server.on(
    'upgrade',
    createUpgrade({
      ...options,
      connectionOf,
      gate,
      clientOf,
      isAccepting: () => accepting,
      silenceMs,
    }),
  )
  await app.listen({ host, port })
  app.server.on('error', () => {}) // accept errors (no file descriptors left) end one connection, not the listener
  const { port: bound } = app.server.address() as AddressInfo
  return {
    port: bound,
    accept,
    stopAccepting: () => {
      accepting = false
    },
    close: () => app.close(),
  }
}

/** Time for a whole request, headers and body, and for a client that sends nothing. */
const wholeRequestMs = 10_000

/** A connection on which neither request nor answer moves for this long is closed; Node may take twice as long to notice. */
const silenceMs = 15_000

/** Refuses a request and closes the connection. */
const refuse = (reply: FastifyReply, reason: NotAdmitted) =>
  reply.code(refusalStatus[reason]).headers({ connection: 'close', 'retry-after': '1' }).send({ error: reason })

const refusePath = (reply: FastifyReply, error: string) => reply.code(400).send({ error })

/** A PROXY header from an address that is not trusted arrives as malformed HTTP. */
const looksLikeProxyHeader = ({ rawPacket: bytes }: { rawPacket?: unknown }): boolean =>
  Buffer.isBuffer(bytes) && Object.values(proxyHeaderBegins).some(begin => bytes.indexOf(begin) === 0)

/** A proxy that is not set up for WebSockets drops `Upgrade` but passes on the WebSocket headers. */
const adviceOnMqtt = ({ headers }: IncomingMessage): string =>
  headers['sec-websocket-key'] === undefined
    ? 'this is MQTT over WebSocket: connect with subprotocol mqtt'
    : 'a proxy in between did not pass on "Upgrade: websocket" and "Connection: Upgrade": see docs/deploy.md'
