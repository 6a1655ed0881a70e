import type { AedesPublishPacket, Client } from 'aedes'
import { parseTopic } from '../../protocol/topics.ts'
import { closeSession } from '../session/notify.ts'
import type { SessionTable } from '../session/session-table.ts'

const isCommand = (topic: string): boolean => {
  const kind = parseTopic(topic)?.kind
  return kind === 'set' || kind === 'invoke'
}

/**
 * Aedes' `authorizeForward`: asked on every delivery, live, queued and retained. Null drops it. A slow reader misses QoS 0 and is closed
 * at QoS 1 and 2, so that nobody waits for it; a message never goes out at a higher QoS than a matching subscription was granted.
 */
export function createDeliveryGuard({ sessions }: { readonly sessions: SessionTable }) {
  return (client: Client, packet: AedesPublishPacket): AedesPublishPacket | null => {
    const session = sessions.of(client)
    if (!session?.ready) return null // nothing may come before CONNACK; what is queued comes after it
    const { allowed, maxQos } = session.deliveryDecision(packet.topic)
    if (!allowed) return null
    if (!session.caughtUp && isCommand(packet.topic)) return null // queued while the device was silent: not for later
    if (session.stream.isFull) {
      if (packet.qos > 0) closeSession(session, 'slow-reader')
      else session.stream.counts.missed++
      return null
    }
    if (maxQos !== undefined && maxQos < packet.qos) packet.qos = maxQos
    session.stream.counts.messagesOut++
    return packet
  }
}
