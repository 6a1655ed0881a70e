import type { Clock } from '../../domain/request.ts'

/** What this server takes of an MQTT 5 client, and tells it in CONNACK. */
export interface Mqtt5Options {
  /** Messages at QoS 1 and 2 that a client may have sent and not had answered. */
  readonly receiveMaximum: number
  readonly maxPacketBytes: number
  readonly now: Clock
}
