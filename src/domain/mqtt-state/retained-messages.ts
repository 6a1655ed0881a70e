import type { Message } from '../message.ts'

/** A part of the topics that a filter matches and on which something may be retained; and where the next part begins, undefined after the last. */
export interface RetainedTopics {
  readonly topics: readonly string[]
  readonly next: string | undefined
}

/** Retained messages. Every call rejects with a fault of the store. */
export interface RetainedMessages {
  /** The topics that a filter with a wildcard matches, in order, from `from` on: as many as a millisecond allows. */
  topicsOf(filter: string, from?: string): Promise<RetainedTopics>
  /** Topics on which the time of what is retained is over, some of all. */
  expired(atMs: number): Promise<readonly string[]>
  /** The retained message on each of these topics; undefined where there is none. */
  on(topics: readonly string[]): Promise<readonly (Message | undefined)[]>
}
