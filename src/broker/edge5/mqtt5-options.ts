import type { Clock } from '../../domain/request.ts'

/** What this server accepts from an MQTT 5 client, and announces in CONNACK. */
export interface Mqtt5Options {
  /** How many messages at QoS 1 and 2 of a client may be unanswered. */
  readonly receiveMaximum: number
  readonly maxPacketBytes: number
  readonly now: Clock
}
