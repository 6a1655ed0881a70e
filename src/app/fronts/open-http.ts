import type { KeyRing } from '../../accounts/tokens/key-ring.ts'
import type { TokenAuthenticator } from '../../accounts/tokens/token-authenticator.ts'
import type { Broker } from '../../broker/create-broker.ts'
import type { Config } from '../../config/config.ts'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import { announceClosedEarly, type Events } from '../../domain/events.ts'
import type { VerificationReading } from '../../domain/verification.ts'
import { createHttp, type Http, type HttpOptions } from '../../http/create-http.ts'
import type { Site } from '../../http/sites/serve-site.ts'
import type { Metrics } from '../../ops/metrics/create-metrics.ts'
import { openPort } from './open-port.ts'
import { openVerification } from './open-verification.ts'
import { type SiteFolders, servedSites } from './served-sites.ts'

interface Parts extends Pick<HttpOptions, 'readiness'> {
  readonly keys: Pick<KeyRing, 'jwks'>
  readonly byToken: Pick<TokenAuthenticator, 'authenticate'>
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly broker: Pick<Broker, 'acceptWebSocket'>
  readonly gate: ConnectionGate
  readonly events: Events
  readonly folders: SiteFolders | undefined
}

/** The HTTP port, and what it serves beside MQTT. */
interface OpenHttp {
  readonly http: Http
  readonly sites: readonly Site['name'][]
  /** Reloads WeChat's verification files. */
  reloadVerification(): VerificationReading
}

/** Listens for HTTP. Rejects when the port cannot be bound. */
export async function openHttp(config: Config, parts: Parts): Promise<OpenHttp> {
  const { keys, byToken, metrics, broker, gate, events, readiness, folders } = parts
  const { host, http, limits } = config
  const sites = servedSites(config, folders)
  const verification = openVerification(config)
  const open = () =>
    createHttp({
      host,
      port: http.port,
      jwks: keys.jwks,
      monitoring: http.monitoring,
      isOperator: async token => {
        const principal = await byToken.authenticate(token)
        return typeof principal === 'object' && principal.kind === 'operator'
      },
      readiness,
      metrics: metrics.text,
      metricsType: metrics.contentType,
      acceptWebSocket: broker.acceptWebSocket,
      gate,
      notHttp: (address, looksLike) => announceClosedEarly(events, address, `not-http: ${looksLike}`),
      origins: limits.wsOrigins,
      maxFrameBytes: limits.maxPacketBytes + 1024,
      sites,
      verificationFiles: verification.files,
    })
  return {
    http: await openPort({ host, port: http.port, key: 'http.port', variable: 'LATCHKEY_HTTP_PORT' }, open),
    sites: sites.map(({ name }) => name),
    reloadVerification: verification.reload,
  }
}
