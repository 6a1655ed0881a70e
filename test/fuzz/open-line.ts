import { once } from 'node:events'
import { connect } from 'node:net'
import { type Packet, parser } from 'mqtt-packet'
import { closeFrame, encodeFrame } from './frames.ts'
import { createFrameReader } from './server-frames.ts'

export type LineTransport = 'tcp' | 'ws'

/** A bare connection to the broker. Whatever the broker sends on it must be right to the last byte. */
export interface Line {
  /** Sends bytes as they are: of a WebSocket, frames. */
  send(bytes: Buffer): void
  /** One MQTT packet, framed where that is to be. */
  sendPacket(packet: Buffer): void
  readonly isOpen: boolean
  /** Says goodbye as the transport does, and waits for the broker to close. */
  end(): void
  /** Breaks off. */
  destroy(): void
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
  /** What the broker sent that it may not send; undefined when all was right. */
  readonly problem: string | undefined
}

const handshake =
  'GET /mqtt HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n'
const opcode = { binary: 2, close: 8, pong: 10 } as const

/** Connects, for a WebSocket up to its handshake's end. Rejects when the broker does not let it. */
export async function openLine(
  transport: LineTransport,
  port: number,
  version: 4 | 5,
  onPacket: (packet: Packet, line: Line) => void,
): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let problem: string | undefined
  let isClosing = false
  const fail = (cause: unknown) => {
    problem ??= String(cause)
    socket.destroy()
  }

  const line: Line = {
    send: bytes => void (socket.writable && socket.write(bytes)),
    sendPacket: packet => line.send(transport === 'ws' ? encodeFrame(opcode.binary, packet) : packet),
    get isOpen() {
      return socket.writable && !isClosing
    },
    end: () => {
      if (transport === 'ws' && !isClosing) line.send(closeFrame())
      isClosing = true
      socket.end()
    },
    destroy: () => void socket.destroy(),
    closed: new Promise(resolve => socket.once('close', () => resolve())),
    get problem() {
      return problem
    },
  }

  const packets = parser({ protocolVersion: version })
  packets.on('packet', packet => onPacket(packet, line))
  packets.on('error', fail)
  const frames = createFrameReader(({ opcode: kind, payload }) => {
    if (kind === opcode.binary) packets.parse(payload)
    else if (kind === opcode.close) line.end()
    else if (kind !== opcode.pong) fail(`a frame of kind ${kind}`)
  })
  socket.on('error', () => {}) // 'close' follows

  const rest = transport === 'ws' ? await shakeHands(socket) : Buffer.alloc(0)
  const received = (bytes: Buffer) => {
    try {
      if (transport === 'ws') frames(bytes)
      else packets.parse(bytes)
    } catch (cause) {
      fail(cause)
    }
  }
  socket.on('data', received)
  received(rest)
  return line
}

/** Resolves with what came behind the answer. */
function shakeHands(socket: ReturnType<typeof connect>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    const refused = () => reject(new Error(`no WebSocket: ${answer.toString().slice(0, 100)}`))
    const received = (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes])
      const end = answer.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', received).off('close', refused)
      if (answer.toString('latin1').startsWith('HTTP/1.1 101 ')) resolve(answer.subarray(end + 4))
      else refused()
    }
    socket.on('data', received).once('close', refused)
    socket.write(handshake)
  })
}
