/** A message on its way into the session's queue. */
export interface Appending {
  /** It is sent when it is kept. */
  readonly isSent: boolean
  /** To be called when it is kept, with its number in the queue. */
  kept(seq: number): void
  /** To be called when it is not. */
  undone(): void
}
