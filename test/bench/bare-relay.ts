import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { generate } from 'mqtt-packet'
import { WebSocketServer } from 'ws'

/**
 * The least that anything in the middle can do: it answers the first bytes of a connection with CONNACK, the next with SUBACK when they are
 * a SUBSCRIBE, and hands all others, unread, to the connection opened before or after.
 */
const connack = generate({ cmd: 'connack', returnCode: 0, sessionPresent: false })
const suback = generate({ cmd: 'suback', messageId: 1, granted: [0] })
const subscribeHeader = 0x82
const sends: ((bytes: Buffer) => void)[] = []

/** Takes one connection: gives what to do with its bytes. */
function arrived(send: (bytes: Buffer) => void): (bytes: Buffer) => void {
  const own = sends.push(send) - 1
  const other = own % 2 === 0 ? own + 1 : own - 1
  let isConnected = false
  return bytes => {
    if (!isConnected) {
      isConnected = true
      send(connack)
    } else if (bytes[0] === subscribeHeader) send(suback)
    else sends[other]?.(bytes)
  }
}

const tcp = createServer({ noDelay: true }, socket => {
  const received = arrived(bytes => socket.write(bytes))
  socket.on('data', received)
  socket.on('error', () => {})
})
const http = createHttpServer()
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', ws => {
  ws.binaryType = 'nodebuffer'
  const received = arrived(bytes => ws.send(bytes))
  ws.on('message', data => Buffer.isBuffer(data) && received(data))
})
const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port
await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))

process.send?.({ mqtt: portOf(tcp), http: portOf(http) })
