/** A message that is being put into a session's queue. */
export interface Appending {
  /** True when it is to be sent as soon as it is kept. */
  readonly isSent: boolean
  /** To be called with its number in the queue when it is kept. */
  kept(seq: number): void
  /** To be called when it is not kept. */
  undone(): void
}
