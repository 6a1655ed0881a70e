import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket } from 'aedes'

/** Aedes on TCP without anything of ours, to test devices against. */
export interface BareBroker {
  readonly url: string
  /** The return code of the next CONNACKs: 0 lets devices in. */
  returnCode: number
  /** False: the next subscriptions are refused. */
  subscribable: boolean
  /** Resolves with the next message on `topic`, as JSON. */
  next(topic: string): Promise<unknown>
  send(topic: string, message: unknown): Promise<void>
  sendText(topic: string, payload: string | Buffer): Promise<void>
  /** Resolves when a device has subscribed `filter`. */
  subscribed(filter: string): Promise<void>
  /** Cuts every connection. */
  cut(): void
  readonly connects: { readonly clientId: string; readonly password: string | undefined }[]
  [Symbol.asyncDispose](): Promise<void>
}

export async function startBareBroker(): Promise<BareBroker> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server: Server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    aedes.handle(socket)
  })
  const connects: BareBroker['connects'] = []
  const broker = { returnCode: 0, subscribable: true }
  aedes.authenticate = (client, _username, password, done) => {
    connects.push({ clientId: client.id, password: password?.toString() })
    if (broker.returnCode === 0) return done(null, true)
    done(Object.assign(new Error('refused'), { returnCode: broker.returnCode }), null)
  }
  aedes.authorizeSubscribe = (_client, subscription, done) => done(null, broker.subscribable ? subscription : null)
  const sendText = (topic: string, payload: string | Buffer) =>
    new Promise<void>((resolve, reject) => {
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false }, error =>
        error ? reject(error) : resolve(),
      )
    })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(broker, {
    url: `mqtt://127.0.0.1:${port}`,
    connects,
    next: (topic: string) =>
      new Promise<unknown>(resolve => {
        const listen = (packet: AedesPublishPacket) => {
          if (packet.topic !== topic) return
          aedes.off('publish', listen)
          resolve(JSON.parse(packet.payload.toString()))
        }
        aedes.on('publish', listen)
      }),
    send: (topic: string, message: unknown) => sendText(topic, JSON.stringify(message)),
    sendText,
    subscribed: (filter: string) =>
      new Promise<void>(resolve => {
        const listen = (subscriptions: { topic: string }[]) => {
          if (!subscriptions.some(({ topic }) => topic === filter)) return
          aedes.off('subscribe', listen)
          resolve()
        }
        aedes.on('subscribe', listen)
      }),
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await new Promise<void>(resolve => aedes.close(resolve))
    },
  })
}
