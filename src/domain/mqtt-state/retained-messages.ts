import type { Message } from '../message.ts'

/** Topics on which something may be retained that a filter matches, a part of all; where the next part begins, undefined after the last. */
export interface RetainedTopics {
  readonly topics: readonly string[]
  readonly next: string | undefined
}

/** Retained messages. Every call rejects with a fault of the store. */
export interface RetainedMessages {
  /** The topics that a filter by wildcard matches, in their order, from `from` on: as many as a millisecond allows. */
  topicsOf(filter: string, from?: string): Promise<RetainedTopics>
  /** What is retained on each of these topics; undefined where nothing is. */
  on(topics: readonly string[]): Promise<readonly (Message | undefined)[]>
}
