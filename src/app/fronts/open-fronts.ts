import type { TokenAuthenticator } from '../../accounts/tokens/token-authenticator.ts'
import type { Broker } from '../../broker/create-broker.ts'
import { databases } from '../../data-folder/data-files.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import type { VerificationReading } from '../../domain/verification.ts'
import type { Site } from '../../http/sites/serve-site.ts'
import type { Metrics } from '../../ops/metrics/create-metrics.ts'
import { lookAtReadiness } from '../../ops/readiness.ts'
import type { Base } from '../base.ts'
import { openGate } from './open-gate.ts'
import { openHttp } from './open-http.ts'
import { openListeners } from './open-listeners.ts'
import type { SiteFolders } from './served-sites.ts'

/** The ports really bound, by listener. */
export interface Ports {
  readonly mqtt: number
  readonly http: number
  readonly mqtts?: number
  readonly https?: number
}

/** The listeners, through which all connections come in. */
export interface Fronts {
  readonly ports: Ports
  /** The sites served at `/NAME/` of the HTTP port: the phone in a browser, the console. */
  readonly sites: readonly Site['name'][]
  /** Reloads the certificate files. A problem when they cannot be used, and then the old ones stay in use; 'none' without TLS. */
  reloadCertificates(): 'reloaded' | 'none' | { readonly problem: string }
  /** Reloads WeChat's verification files. */
  reloadVerification(): VerificationReading
  /** Accepts no more connections, and reports as not ready. */
  stopAccepting(): void
  close(): Promise<void>
}

interface Parts {
  readonly broker: Broker
  readonly byToken: TokenAuthenticator
  readonly metrics: Metrics
  readonly mqttStore: Pick<MqttStore, 'check'>
  /** True for an address that an operator has blocked. */
  readonly refuses: (address: string) => boolean
  readonly folders: SiteFolders | undefined
}

const notReady = { problem: 'starting or stopping', checks: {} }

/** Listens on every port. Rejects, and listens on none, when one cannot be bound. */
export async function openFronts({ config, backend, events, orders, now }: Base, parts: Parts): Promise<Fronts> {
  const { broker, byToken, metrics, mqttStore, refuses, folders } = parts
  const { gate, untrusted } = openGate(config, { refuses, events, orders, now })
  let isReady = false
  const looks = {
    databases: { [databases.accounts]: backend.store.check, [databases.mqtt]: mqttStore.check },
    broker: broker.check,
    proxies: untrusted.last,
    disk: { folder: config.dataDir, ...config.disk },
  }
  const { http, sites, reloadVerification } = await openHttp(config, {
    keys: backend.keys,
    byToken,
    metrics,
    broker,
    gate,
    events,
    readiness: async () => (isReady ? lookAtReadiness(looks) : notReady),
    folders,
  })
  const listeners = await openListeners(config, { broker, http, gate, events }).catch(async (cause: unknown) => {
    await http.close()
    throw cause
  })
  isReady = true

  const { mqtt, tls } = listeners
  return {
    ports: { mqtt: mqtt.port, http: http.port, ...(tls && { mqtts: tls.mqtts.port, https: tls.https.port }) },
    sites,
    reloadCertificates() {
      if (!tls) return 'none'
      const problem = tls.reload()
      return problem === undefined ? 'reloaded' : { problem }
    },
    reloadVerification,
    stopAccepting() {
      isReady = false
      for (const listener of [mqtt, tls?.mqtts, tls?.https]) listener?.stop()
      http.stopAccepting()
    },
    close: http.close,
  }
}
