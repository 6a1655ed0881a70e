import type { Socket } from 'node:net'
import type { Broker } from './broker/create-broker.ts'
import { type Config, readTlsFiles, type TlsConfig, type TlsFiles } from './config.ts'
import type { ConnectionGate } from './domain/connection-gate.ts'
import type { Events } from './domain/events.ts'
import { type Listener, listenTcp } from './front/listen-tcp.ts'
import { listenTls } from './front/listen-tls.ts'
import { openPort } from './open-port.ts'

/** The TLS listener, and how its files are read again. */
interface MqttsListener extends Listener {
  /** What is wrong with the files, in a sentence: then those of before stay in use. Undefined when new connections are shown the new ones. */
  reload(): string | undefined
}

/** Listens for MQTT over TCP, and over TLS where a certificate is configured. Rejects when a port cannot be bound or a file not be read. */
export async function openListeners(
  { host, mqtt, tls }: Config,
  broker: Broker,
  events: Events,
  gate: ConnectionGate,
): Promise<{ mqtt: Listener; mqtts?: MqttsListener }> {
  const plain = await openPort({ host, port: mqtt.port, key: 'mqtt.port', variable: 'LATCHKEY_MQTT_PORT' }, () =>
    listenTcp({
      host,
      port: mqtt.port,
      gate,
      accept: (socket, address) => broker.acceptSocket(socket, address, 'tcp'),
    }),
  )
  if (!tls) return { mqtt: plain }
  const certificate = filesOf(tls)
  if (typeof certificate === 'string') throw new Error(certificate)
  const accept = (socket: Socket, address: string) => broker.acceptSocket(socket, address, 'tls')
  const handshakeFailed = (address: string, problem: string) =>
    void events.emit('connection-refused', {
      address,
      clientId: '',
      reason: `bad-handshake: ${problem}`,
      returnCode: 0,
    })
  const mqtts = await openPort({ host, port: tls.port, key: 'tls.port', variable: 'LATCHKEY_MQTTS_PORT' }, () =>
    listenTls({ host, port: tls.port, certificate, gate, accept, handshakeFailed }),
  )
  const reload = () => {
    const files = filesOf(tls)
    if (typeof files === 'string') return files
    mqtts.use(files)
    return undefined
  }
  return { mqtt: plain, mqtts: { ...mqtts, reload } }
}

/** What the files hold now, or a sentence about what is wrong with them. */
function filesOf(tls: TlsConfig): TlsFiles | string {
  const { files, objections } = readTlsFiles(tls)
  return files ?? objections.map(({ key, message }) => `${key}: ${message}`).join('; ')
}
