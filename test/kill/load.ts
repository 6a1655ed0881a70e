import type { MqttClient } from 'mqtt'

/** What was sent and acknowledged, so that it can be accounted for. */
export interface Load {
  /** Payloads that the broker has acknowledged. */
  readonly acknowledged: ReadonlySet<string>
  /** Ends sending. Resolves when everything sent is acknowledged. */
  stop(): Promise<void>
}

/**
 * Publishes numbered payloads, `inFlight` at a time, as long as the client lives: while it is not connected, mqtt.js keeps them and sends
 * them again. `mayGoOn` holds the next one back.
 */
export function startLoad(
  client: MqttClient,
  load: {
    readonly qos: 1 | 2
    readonly retain: boolean
    readonly inFlight: number
    readonly topicOf: (n: number) => string
    /** How long the payload is made, with spaces at its end; as short as it is when not given. */
    readonly sizeOf?: (n: number) => number
    readonly mayGoOn: () => boolean
  },
): Load {
  const acknowledged = new Set<string>()
  let sent = 0
  let stopping = false
  /** mqtt.js gives up what it was about to send again when the connection goes: at QoS 1 it may be sent anew, at QoS 2 that would be another message. */
  async function isAcknowledged(n: number, payload: string): Promise<boolean> {
    for (;;) {
      try {
        await client.publishAsync(load.topicOf(n), payload.padEnd(load.sizeOf?.(n) ?? 0), {
          qos: load.qos,
          retain: load.retain,
        })
        return true
      } catch (error) {
        if (!(error instanceof Error && error.message === 'Connection closed')) throw error
        if (load.qos === 2) return false
      }
    }
  }

  const next = async (): Promise<void> => {
    while (!stopping) {
      if (!load.mayGoOn()) {
        await new Promise(resolve => setTimeout(resolve, 5))
        continue
      }
      const n = ++sent
      const payload = `${load.qos}-${n}`
      if (await isAcknowledged(n, payload)) acknowledged.add(payload)
    }
  }
  const senders = Array.from({ length: load.inFlight }, next)
  return {
    acknowledged,
    async stop() {
      stopping = true
      await Promise.all(senders)
    },
  }
}
