import { readPlainPublish } from './plain-publish.ts'

/** Takes a message that came at QoS 0; false when it wants the ordinary way. */
export type TakeMessage = (topic: string, payload: Buffer) => boolean

/** Gives the messages at QoS 0 that `bytes` begin with to `take`, at most so many, while `goesOn`: how many it took, and where they end. */
export function takeMessages(
  bytes: Buffer,
  bounds: { readonly messages: number; readonly packetBytes: number },
  take: TakeMessage,
  goesOn: () => boolean,
): { messages: number; end: number } {
  let end = 0
  let messages = 0
  while (end < bytes.length && messages < bounds.messages && goesOn()) {
    const packet = readPlainPublish(bytes, end, bounds.packetBytes)
    if (!packet || !take(packet.topic, packet.payload)) break
    messages++
    end = packet.end
  }
  return { messages, end }
}
