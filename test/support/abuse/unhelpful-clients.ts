import { once } from 'node:events'
import { connect } from 'node:net'
import { type Credentials, connectRaw, exchange, openTcp, openWebSocket } from '../raw-client.ts'

/**
 * Connections that wait for nobody and answer nothing: two that follow `app/bulk` and read nothing, two that never say CONNECT, and one of
 * HTTP that stays open. `closed` has them read on, and resolves when the broker has closed every one.
 */
export async function connectUnhelpful(
  ports: { readonly mqtt: number; readonly http: number },
  as: (clientId: string) => Credentials,
): Promise<{ closed(): Promise<void> }> {
  const unread = await Promise.all([
    connectRaw('tcp', ports.mqtt, as('unread-tcp')),
    connectRaw('ws', ports.http, as('unread-ws')),
  ])
  for (const reader of unread) {
    await exchange(reader, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/bulk', qos: 0 }] })
    reader.stopReading()
  }
  const silent = await Promise.all([openTcp(ports.mqtt), openWebSocket(ports.http)])
  const idleHttp = connect(ports.http, '127.0.0.1')
  idleHttp.on('error', () => {})
  const idleHttpClosed = new Promise(resolve => idleHttp.once('close', resolve))
  idleHttp.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(idleHttp, 'data')
  return {
    async closed() {
      const clients = [...unread, ...silent]
      for (const client of clients) client.readOn()
      await Promise.all([idleHttpClosed, ...clients.map(client => client.closed)])
    },
  }
}
