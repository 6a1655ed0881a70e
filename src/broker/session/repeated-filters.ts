import { EventEmitter } from 'node:events'
import type { Client, SubscribePacket } from 'aedes'

/**
 * Aedes takes filters of one SUBSCRIBE that are equal for one, and answers with a return code too few, at places that are not the filters'
 * [MQTT-3.8.4-5]. Here each filter that came before is made a wrapped string, which equals nothing; {@link plainFilter} unwraps it. So they
 * are handled as filters of several packets [MQTT-3.8.4-4]. To be called when a client arrives.
 */
export function keepRepeatedFilters(client: Client): void {
  const parser: unknown = Reflect.get(client, '_parser') // Aedes 1.2.0 has it, its types do not
  if (!(parser instanceof EventEmitter)) throw new TypeError('Aedes parses otherwise')
  parser.prependListener('packet', (packet: SubscribePacket | { readonly cmd: undefined }) => {
    if (packet.cmd !== 'subscribe') return
    const seen = new Set<string>()
    for (const subscription of packet.subscriptions) {
      const { topic } = subscription
      if (seen.has(topic)) subscription.topic = Object(topic)
      else seen.add(topic)
    }
  })
}

/** A filter as Aedes hands it over, as text. */
export const plainFilter = (topic: string): string => String(topic)
