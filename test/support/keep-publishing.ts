import type { TestClient } from './mqtt-client.ts'

/** Publishes numbered payloads at QoS 1, `inFlight` at a time, until the connection is gone; `acknowledged` gathers those that the broker answered. */
export function keepPublishing(
  { mqtt, id }: TestClient,
  { inFlight, acknowledged }: { readonly inFlight: number; readonly acknowledged: Set<string> },
): void {
  let sent = 0
  const next = (): void => {
    const payload = `${id}-${++sent}`
    mqtt.publish('app/kept/load', payload, { qos: 1 }, error => {
      if (error || !mqtt.connected) return
      acknowledged.add(payload)
      next()
    })
  }
  for (let lane = 0; lane < inFlight; lane++) next()
}
