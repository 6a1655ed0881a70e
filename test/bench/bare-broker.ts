import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

/** Aedes as its README starts it: no sign-in, no policy, the stock WebSocket stream. */
const aedes = await Aedes.createBroker()
const tcp = createServer(socket => void aedes.handle(socket))
const http = createHttpServer()
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', ws => {
  const stream = createWebSocketStream(ws)
  stream.on('error', () => {})
  aedes.handle(stream)
})
const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port
await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))

process.send?.({ mqtt: portOf(tcp), http: portOf(http) })
