import type { MessageProperties } from '../../domain/message.ts'

/** What CONNECT says beyond MQTT 3.1.1; each missing when not said. */
export interface ConnectExtras {
  /** What is stored under the client id is deleted; missing before MQTT 5, where a clean session says so. */
  readonly cleanStart?: boolean
  /** For how long the session outlives its connection; missing before MQTT 5. */
  readonly sessionExpirySeconds?: number
  /** We gave the client id, because CONNECT had none. */
  readonly isIdAssigned?: boolean
  /** The language in which the client is told reasons. */
  readonly language?: string
  /** How many messages at QoS 1 and 2 it takes before it has acknowledged one. */
  readonly receiveMaximum?: number
  readonly will?: WillExtras
  /** How it signs in, where that is not by user name and password (MQTT 5 section 4.12). */
  readonly authenticationMethod?: string
}

export interface WillExtras {
  readonly delaySeconds: number
  readonly expirySeconds?: number
  readonly properties?: MessageProperties
}

/** What CONNACK tells an admitted client. */
export interface Welcome {
  /** For how long its session outlives its connection. */
  readonly sessionExpirySeconds: number
  /** True when it is not signed in. */
  readonly isGuest: boolean
  readonly clientId: string
  /** True when it may use shared subscriptions. */
  readonly sharedSubscriptions: boolean
}
