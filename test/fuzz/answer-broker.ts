import type { Packet } from 'mqtt-packet'
import { anyAnswer } from './any-packet.ts'
import { encodePacket, number16, packetType } from './encode-packet.ts'
import type { Random } from './random.ts'

/** What a client says to a packet of the broker: mostly what it should, sometimes nothing, twice, or something else. */
export function answerBroker(random: Random, packet: Packet): Buffer[] {
  const right = rightAnswer(packet)
  if (!right || random.chance(0.15)) return []
  if (random.chance(0.05)) return [anyAnswer(random, random.pick([4, 5]))]
  return random.chance(0.05) ? [right, right] : [right]
}

function rightAnswer(packet: Packet): Buffer | undefined {
  const answer = (type: number, flags = 0) => encodePacket(type, flags, [number16(packet.messageId ?? 0)])
  switch (packet.cmd) {
    case 'publish':
      if (packet.qos === 0) return undefined
      return answer(packet.qos === 1 ? packetType.puback : packetType.pubrec)
    case 'pubrec':
      return answer(packetType.pubrel, 2)
    case 'pubrel':
      return answer(packetType.pubcomp)
    default:
      return undefined
  }
}
