import { generate, type IPublishPacket } from 'mqtt-packet'
import { connectPacket } from './packets.ts'
import { openTcp, packetsOf, subscribePacket } from './raw-client.ts'

/** A client over a slow link that acknowledges what it is sent, as soon as it has it. */
export async function connectSlowReader(port: number, clientId: string, clean: boolean, token: string) {
  const raw = await openTcp(port)
  const packets = packetsOf(raw)
  const messages: IPublishPacket[] = []
  let seen = 0
  const answers = { connack: false, suback: false, pingresps: 0 }
  raw.onBytes(() => {
    for (const packet of packets.slice(seen)) {
      seen++
      if (packet.cmd === 'connack') answers.connack = packet.returnCode === 0
      if (packet.cmd === 'suback') answers.suback = true
      if (packet.cmd === 'pingresp') answers.pingresps++
      if (packet.cmd !== 'publish') continue
      messages.push(packet)
      if (packet.qos === 1) raw.send(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }))
    }
  })
  raw.send(connectPacket(clientId, clean, token))
  return {
    ...raw,
    messages,
    answers,
    subscribe: (filter: string, qos: 0 | 1 | 2) => raw.send(subscribePacket(1, filter, qos)),
    ping: () => raw.send(generate({ cmd: 'pingreq' })),
  }
}
