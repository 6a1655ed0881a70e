import type { Broker } from '../../broker/create-broker.ts'
import { type Config, readTlsFiles, type TlsConfig, type TlsFiles } from '../../config/config.ts'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import { announceClosedEarly, type Events } from '../../domain/events.ts'
import { type Listener, listenTcp } from '../../front/listen-tcp.ts'
import { listenTls } from '../../front/listen-tls.ts'
import type { Http } from '../../http/create-http.ts'
import { openPort } from './open-port.ts'

/** The listeners other than HTTP. */
interface Listeners {
  readonly mqtt: Listener
  /** MQTT and HTTP over TLS, where a certificate is configured. */
  readonly tls?: {
    readonly mqtts: Listener
    readonly https: Listener
    /** Reloads the certificate files for new connections. A sentence when they cannot be used, and then the old ones stay in use; undefined otherwise. */
    reload(): string | undefined
  }
}

interface Doors {
  readonly broker: Pick<Broker, 'acceptSocket'>
  readonly http: Pick<Http, 'accept'>
  readonly gate: ConnectionGate
  readonly events: Events
}

/** Listens for MQTT over TCP, and with a certificate for MQTT and HTTP over TLS. Rejects when a port cannot be bound or a file cannot be read. */
export async function openListeners(config: Config, doors: Doors): Promise<Listeners> {
  const { host, mqtt, tls } = config
  const { broker, gate } = doors
  const plain = await openPort({ host, port: mqtt.port, key: 'mqtt.port', variable: 'LATCHKEY_MQTT_PORT' }, () =>
    listenTcp({
      host,
      port: mqtt.port,
      gate,
      accept: (socket, address) => broker.acceptSocket(socket, address, 'tcp'),
    }),
  )
  return tls ? { mqtt: plain, tls: await openTls(config, tls, doors) } : { mqtt: plain }
}

async function openTls({ host, https }: Config, tls: TlsConfig, { broker, http, gate, events }: Doors) {
  const certificate = filesOf(tls)
  if (typeof certificate === 'string') throw new Error(certificate)
  const handshakeFailed = (address: string, problem: string) =>
    announceClosedEarly(events, address, `bad-handshake: ${problem}`)
  const common = { host, gate, handshakeFailed }
  const mqtts = await openPort({ host, port: tls.port, key: 'tls.port', variable: 'LATCHKEY_MQTTS_PORT' }, () =>
    listenTls({
      ...common,
      port: tls.port,
      certificate,
      accept: (socket, address) => broker.acceptSocket(socket, address, 'tls'),
    }),
  )
  const httpsAt = { host, port: https.port, key: 'https.port', variable: 'LATCHKEY_HTTPS_PORT' } as const
  const secure = await openPort(httpsAt, () =>
    listenTls({
      ...common,
      port: https.port,
      certificate: withoutAuthority(certificate),
      protocols: ['http/1.1'],
      accept: http.accept,
    }),
  ).catch((cause: unknown) => {
    mqtts.stop()
    throw cause
  })
  const reload = () => {
    const files = filesOf(tls)
    if (typeof files === 'string') return files
    mqtts.use(files)
    secure.use(withoutAuthority(files))
    return undefined
  }
  return { mqtts, https: secure, reload }
}

/** With an authority, browsers would ask people for a certificate. */
const withoutAuthority = ({ cert, key }: TlsFiles) => ({ cert, key })

/** The current content of the files, or a sentence about what is wrong with them. */
function filesOf(tls: TlsConfig): TlsFiles | string {
  const { files, objections } = readTlsFiles(tls)
  return files ?? objections.map(({ key, message }) => `${key}: ${message}`).join('; ')
}
