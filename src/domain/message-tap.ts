import type { Origin } from './origin.ts'

export interface TappedMessage {
  readonly topic: string
  readonly payload: Uint8Array | string
  readonly qos: number
  readonly retain: boolean
  /** The rule that allows it. */
  readonly rule: string
}

/** Is shown messages that the policy allows, as they pass. Must not throw, keep or change anything. */
export interface MessageTap {
  published(by: Origin, message: TappedMessage): void
  delivered(to: Origin, message: TappedMessage): void
}

/** The tap on the message path; while there is none, a message costs one check. Implemented by src/broker. */
export interface TappedMessages {
  /** Replaces the tap. */
  tapMessages(tap: MessageTap | undefined): void
}
