import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Broker } from './broker/create-broker.ts'
import { type Listener, listenTcp } from './broker/listen-tcp.ts'
import type { Config } from './config.ts'
import type { ConnectionLimits } from './domain/connection-limits.ts'
import type { Events } from './domain/events.ts'
import { openPort } from './open-port.ts'

/** Who may connect at all. */
interface Gates {
  readonly connections: ConnectionLimits
  /** True for an address that an operator blocked. */
  readonly refuses: (address: string) => boolean
}

/** Listens for MQTT over TCP, and over TLS where a certificate is configured. Rejects when a port cannot be bound or a file not be read. */
export async function openListeners(
  { host, mqtt, tls }: Config,
  broker: Broker,
  events: Events,
  { connections, refuses }: Gates,
): Promise<{ mqtt: Listener; mqtts?: Listener }> {
  const mayEnter = (socket: Socket, address: string) =>
    !refuses(address) && connections.enter(socket, address) === undefined
  const plain = await openPort({ host, port: mqtt.port, key: 'mqtt.port', variable: 'LATCHKEY_MQTT_PORT' }, () =>
    listenTcp({ host, port: mqtt.port, mayEnter, accept: socket => broker.acceptSocket(socket, 'tcp') }),
  )
  if (!tls) return { mqtt: plain }
  const certificate = {
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    ...(tls.ca && { ca: readFileSync(tls.ca) }),
  }
  const accept = (socket: Socket) => broker.acceptSocket(socket, 'tls')
  const handshakeFailed = (address: string, problem: string) =>
    void events.emit('connection-refused', {
      address,
      clientId: '',
      reason: `bad-handshake: ${problem}`,
      returnCode: 0,
    })
  const mqtts = await openPort({ host, port: tls.port, key: 'tls.port', variable: 'LATCHKEY_MQTTS_PORT' }, () =>
    listenTcp({ host, port: tls.port, tls: certificate, mayEnter, accept, handshakeFailed }),
  )
  return { mqtt: plain, mqtts }
}
