import { generate } from 'mqtt-packet'

/** Bytes of a payload. */
const payloadBytes = 128

/** A PUBLISH that says in its payload who sent it and when; as long as any other of the same topic's length and QoS. */
export function stampedPublish(topic: string, qos: 0 | 1, sender: number, messageId: number): Buffer {
  const payload = Buffer.alloc(payloadBytes, 'x')
  payload.writeUInt32BE(sender)
  payload.writeDoubleBE(performance.now(), 4)
  return generate({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...(qos > 0 && { messageId }) })
}

/** What a PUBLISH of {@link stampedPublish} says. */
export const readStamp = (frame: Buffer): { readonly sender: number; readonly sentAtMs: number } => {
  const at = frame.length - payloadBytes
  return { sender: frame.readUInt32BE(at), sentAtMs: frame.readDoubleBE(at + 4) }
}

/**
 * Calls `take` for each MQTT packet in what comes, whole and in order: its bytes and where its variable header begins. With as little work as can be, for the
 * broker is what is measured.
 */
export function cutFrames(take: (frame: Buffer, headerAt: number) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0)
  return bytes => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    let at = 0
    for (;;) {
      let length = 0
      let shift = 0
      let header = at + 1
      for (; header < all.length; header++, shift += 7) {
        const byte = all[header] ?? 0
        length |= (byte & 127) << shift
        if (byte < 128) break
      }
      const end = header + 1 + length
      if (header >= all.length || end > all.length) break
      take(all.subarray(at, end), header + 1 - at)
      at = end
    }
    rest = at === all.length ? Buffer.alloc(0) : Buffer.from(all.subarray(at))
  }
}
