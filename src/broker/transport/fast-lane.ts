import type { Dialect } from './dialect.ts'
import type { MessageTaker } from './packets/message-packets.ts'

/**
 * Gives the messages at QoS 0 with which `bytes` begin to `taker`, up to a number of them, while `goesOn` says so. Returns how many it took, and where they
 * end.
 */
export function takeMessages(
  bytes: Buffer,
  bounds: { readonly messages: number; readonly packetBytes: number },
  taker: Pick<MessageTaker, 'publishFast'>,
  { readPlain }: Pick<Dialect, 'readPlain'>,
  goesOn: () => boolean,
): { messages: number; end: number } {
  let end = 0
  let messages = 0
  while (end < bytes.length && messages < bounds.messages && goesOn()) {
    const packet = readPlain(bytes, end, bounds.packetBytes)
    if (!packet || !taker.publishFast(packet.topic, packet.payload)) break
    messages++
    end = packet.end
  }
  return { messages, end }
}
