import type { AedesPublishPacket, Client } from 'aedes'
import { parseTopic } from '../../protocol/topics.ts'
import { closeSession } from '../session/notify.ts'
import type { SessionTable } from '../session/session-table.ts'

const isCommand = (topic: string): boolean => {
  const kind = parseTopic(topic)?.kind
  return kind === 'set' || kind === 'invoke'
}

interface Options {
  readonly sessions: SessionTable
  /** The payload of what is retained on the topic at this moment; undefined when nothing is. */
  readonly retainedNow: (topic: string) => Buffer | undefined
}

const nothing = Buffer.alloc(0)

/**
 * What a SUBSCRIBE is answered with. Aedes reads it when it subscribes and copies it to be sent some turns later, when newer messages have gone
 * out: so that nobody is left with an old one, it is read again as it is copied. What was removed meanwhile is empty, as its removal.
 */
const isRetained = ({ retain, brokerId }: AedesPublishPacket): boolean => retain && !brokerId

/**
 * Aedes' `authorizeForward`: asked on every delivery, live, queued and retained. Null drops it. A slow reader misses QoS 0 and is closed
 * at QoS 1 and 2, so that nobody waits for it; a message never goes out at a higher QoS than a matching subscription was granted.
 */
export function createDeliveryGuard({ sessions, retainedNow }: Options) {
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
    if (isRetained(packet)) {
      if (retainedNow(packet.topic) === undefined) return null
      Object.defineProperty(packet, 'payload', { get: () => retainedNow(packet.topic) ?? nothing })
    }
    if (maxQos !== undefined && maxQos < packet.qos) packet.qos = maxQos
    session.stream.counts.messagesOut++
    return packet
  }
}
