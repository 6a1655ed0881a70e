import type { MessageProperties } from '../../domain/message.ts'

/** What CONNECT says beyond MQTT 3.1.1, where it is said. */
export interface ConnectExtras {
  /** What is stored by the client id is forgotten; missing before MQTT 5, where a clean session says so. */
  readonly cleanStart?: boolean
  /** For how long the session outlives its connection; missing before MQTT 5. */
  readonly sessionExpirySeconds?: number
  /** The client id was given by us, for CONNECT had none. */
  readonly isIdAssigned?: boolean
  /** In which language the client is told why not. */
  readonly language?: string
  /** How many messages at QoS 1 and 2 it takes before it has acknowledged one. */
  readonly receiveMaximum?: number
  readonly will?: WillExtras
  readonly authentication?: Authentication
}

export interface WillExtras {
  readonly delaySeconds: number
  readonly expirySeconds?: number
  readonly properties?: MessageProperties
}

/** What AUTH carries, or CONNECT in place of a user name and password (MQTT 5 section 4.12). */
export interface Authentication {
  readonly method: string
  readonly data?: Buffer
}

/** What CONNACK tells a client that is let in. */
export interface Welcome {
  /** For how long its session outlives its connection. */
  readonly sessionExpirySeconds: number
  /** It is not signed in. */
  readonly isGuest: boolean
  readonly clientId: string
  /** It may have a part of what others of its group subscribe too. */
  readonly sharedSubscriptions: boolean
}
