import { connect } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import { WebSocket } from 'ws'
import { proxyHeaderV1 } from './network/proxy-headers.ts'

export interface Credentials {
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly clean?: boolean
  /** In seconds; 60 when not given, and nothing pings by itself. */
  readonly keepalive?: number
}

/** Bytes in and out, with as little of our own work between as possible: the broker is measured, not the client. */
export interface RawClient {
  send(bytes: Buffer): void
  onBytes(listener: (bytes: Buffer) => void): void
  /** Bytes sent that the operating system has not taken yet. */
  readonly unsentBytes: number
  /** Reads nothing more: the broker's bytes stay with the broker. */
  stopReading(): void
  readOn(): void
  /** Sends what is left to send, and closes: as a client that leaves by itself. */
  end(): void
  close(): void
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>
}

/** Connects, says CONNECT and waits for CONNACK 0; over TCP from `localAddress`, when given, and behind a PROXY header that names `source`. */
export async function connectRaw(
  transport: 'tcp' | 'ws',
  port: number,
  credentials: Credentials,
  localAddress?: string,
  source?: string,
): Promise<RawClient> {
  const client = await (transport === 'tcp' ? openTcp(port, localAddress) : openWebSocket(port))
  if (source !== undefined) client.send(proxyHeaderV1(source))
  const { password, ...names } = credentials
  const connack = await exchange(client, {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    ...names,
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  })
  if (connack.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(`refused: ${JSON.stringify(connack)}`)
  return client
}

/** Sends a packet and resolves with the next one received. Rejects when the connection closes without one. */
export function exchange(client: RawClient, packet: Packet): Promise<Packet> {
  return new Promise((resolve, reject) => {
    void client.closed.then(() => reject(new Error(`closed without an answer to ${packet.cmd}`)))
    const packets = parser()
    let answered = false
    packets.once('packet', answer => {
      answered = true
      resolve(answer)
    })
    client.onBytes(bytes => {
      if (!answered) packets.parse(bytes)
    })
    client.send(generate(packet))
  })
}

/** Connects over TCP, from `localAddress` when given, and sends nothing. */
export function openTcp(port: number, localAddress?: string): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...(localAddress && { localAddress }) }, () => {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      resolve({
        send: bytes => void socket.write(bytes),
        onBytes: listener => void socket.on('data', listener),
        get unsentBytes() {
          return socket.writableLength
        },
        stopReading: () => void socket.pause(),
        readOn: () => void socket.resume(),
        end: () => void socket.end(),
        close: () => void socket.destroy(),
        closed: new Promise(done => socket.once('close', () => done())),
      })
    })
    socket.once('error', reject)
  })
}

/** Opens a WebSocket and sends nothing. */
export function openWebSocket(port: number): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt', { perMessageDeflate: false })
    ws.once('open', () => {
      ws.on('error', () => {})
      resolve({
        send: bytes => ws.send(bytes),
        onBytes: listener => void ws.on('message', listener),
        get unsentBytes() {
          return ws.bufferedAmount
        },
        stopReading: () => ws.pause(),
        readOn: () => ws.resume(),
        end: () => ws.close(),
        close: () => ws.terminate(),
        closed: new Promise(done => ws.once('close', () => done())),
      })
    })
    ws.once('error', reject)
  })
}

/** Every packet that `client` receives from now on, as it comes. */
export function packetsOf(client: RawClient): Packet[] {
  const packets: Packet[] = []
  const packetParser = parser()
  packetParser.on('packet', packet => packets.push(packet))
  client.onBytes(bytes => void packetParser.parse(bytes))
  return packets
}

/** A SUBSCRIBE of one filter. */
export const subscribePacket = (messageId: number, topic: string, qos: 0 | 1 | 2 = 0): Buffer =>
  generate({ cmd: 'subscribe', messageId, subscriptions: [{ topic, qos }] })
