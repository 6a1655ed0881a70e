/**
 * Where a publish goes that must end here: taken as a request, delivered already, or refused. Aedes still acknowledges it; nobody can
 * subscribe to this topic, and the emitter passes it over.
 */
export const sinkTopic = '$latchkey/sink'

const nothing = Buffer.alloc(0)

interface Sinkable {
  topic: string
  payload: string | Buffer
  retain: boolean
}

/** Rewrites `packet` so that Aedes acknowledges it, and neither routes nor retains anything of it. */
export function sink(packet: Sinkable): void {
  packet.topic = sinkTopic
  packet.payload = nothing
  packet.retain = false
}
