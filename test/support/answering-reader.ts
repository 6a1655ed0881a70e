import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet'
import { expect } from 'vitest'
import { openTcp, type RawClient } from './raw-client.ts'

/** A client over TCP that answers every message as the standard says, and keeps what came as it came on the wire. */
export interface AnsweringReader extends Disposable {
  readonly client: RawClient
  /** Whether the broker had a session of this client. */
  readonly sessionPresent: boolean
  /** Everything after CONNACK. */
  readonly packets: Packet[]
  /** The PUBLISHes of `packets`. */
  messages(): readonly IPublishPacket[]
  /** Resolves when so many messages have come. */
  received(count: number): Promise<readonly IPublishPacket[]>
}

/** Connects with a stored session, and subscribes nothing. Rejects when it is refused. */
export async function connectAnsweringReader(
  port: number,
  { clientId, username, password }: { readonly clientId: string; readonly username: string; readonly password: string },
): Promise<AnsweringReader> {
  const client = await openTcp(port)
  const packets: Packet[] = []
  const incoming = parser()
  incoming.on('packet', packet => {
    packets.push(packet)
    const { messageId = 0 } = packet
    if (packet.cmd === 'publish' && packet.qos === 1) client.send(generate({ cmd: 'puback', messageId }))
    if (packet.cmd === 'publish' && packet.qos === 2) client.send(generate({ cmd: 'pubrec', messageId }))
    if (packet.cmd === 'pubrel') client.send(generate({ cmd: 'pubcomp', messageId }))
  })
  client.onBytes(bytes => void incoming.parse(bytes))
  const names = { clientId, username, password: Buffer.from(password) }
  client.send(
    generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: false, keepalive: 60, ...names }),
  )
  await expect.poll(() => packets.length).toBeGreaterThan(0)
  const connack = packets.shift()
  if (connack?.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(`refused: ${JSON.stringify(connack)}`)
  const messages = () => packets.filter(packet => packet.cmd === 'publish')
  return {
    client,
    sessionPresent: connack.sessionPresent,
    packets,
    messages,
    async received(count) {
      await expect.poll(() => messages().length).toBeGreaterThanOrEqual(count)
      return messages()
    },
    [Symbol.dispose]: () => client.close(),
  }
}
