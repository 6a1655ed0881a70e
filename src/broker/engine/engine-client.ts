import type { MessageProperties } from '../../domain/message.ts'
import type { Qos } from '../../domain/qos.ts'

/** A connection as the engine knows it. */
export interface EngineClient {
  /** From CONNECT on: the client id, or the name that {@link EngineHooks.nameOf} has given in its place. */
  readonly id: string
  readonly closed: boolean
  /** Ends the connection; what was written to it is still sent. */
  close(): void
}

/** What CONNECT says (MQTT 3.1.1 section 3.1). */
export interface Connect {
  readonly clientId: string
  readonly clean: boolean
  readonly username?: string | undefined
  readonly password?: Buffer | undefined
  /** 0: the client may be silent for as long as it likes. */
  readonly keepAliveSeconds: number
  readonly will?: ConnectWill | undefined
}

export interface ConnectWill {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
  readonly retain: boolean
  readonly properties?: MessageProperties
  /** See `KeptWill`. */
  readonly delaySeconds?: number
  readonly expirySeconds?: number
}

/** A filter of a SUBSCRIBE, with what the bridges of MQTT 3.1.1 ask for besides the QoS. */
export interface AskedFilter {
  readonly filter: string
  readonly qos: Qos
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** When retained messages are sent: always, only when the filter is new, or never. Always when missing. */
  readonly retained?: 'always' | 'when new' | 'never'
  readonly identifier?: number
}

/** What the engine asks and announces about its clients. None of these throws. */
export interface EngineHooks {
  /** The name by which it knows a client: two with the same name cannot be connected at once. Asked once, before {@link EngineHooks.connect}. */
  nameOf(client: EngineClient, connect: Connect): string
  /** Whether a client may come in: CONNACK's return code, or 0. Never rejects. */
  connect(client: EngineClient, connect: Connect): Promise<number>
  /** The client is being registered: another that is connected with its name is closed then, unless that is done now. */
  registering(client: EngineClient): void
  /** CONNACK with 0 is written. */
  admitted(client: EngineClient): void
  /** It has finished with CONNECT: what the client sent after it is read. */
  caughtUp(client: EngineClient): void
  /** Whether a filter is granted; asked of each in turn, while nothing else of its SUBSCRIBE happens. */
  grants(client: EngineClient, asked: AskedFilter): boolean
  /** Keeps the granted filters of a SUBSCRIBE; SUBACK is sent then. Rejects with a fault of the store, which ends the connection. */
  keepGranted(client: EngineClient, filters: readonly string[]): Promise<void>
  /** SUBACK is written for these filters, including refused ones. */
  subscribed(client: EngineClient, filters: readonly string[]): void
  /** Removes filters of a stored session; UNSUBACK is sent then. Rejects with a fault of the store, which ends the connection. */
  forgetFilters(client: EngineClient, filters: readonly string[]): Promise<void>
  /** UNSUBACK is written for these filters. */
  unsubscribed(client: EngineClient, filters: readonly string[]): void
  /** Whether there was a stored session with this id: session present. Asked once by each connection that takes it up. */
  isComingBack(id: string): boolean
  /** Why a client's connection is being ended. */
  noteReason(client: EngineClient, reason: string): void
  /** One of the engine's own messages below `$SYS`. */
  announced(topic: string, payload: Buffer | string): void
  /** What went wrong and was not caused by a client. */
  failed(where: string, cause: unknown): void
}
