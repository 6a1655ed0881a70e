/** What the broker itself tells as it happens, at QoS 0 and never retained; a reader that is behind misses it. Implemented by src/broker. */
export interface LiveTopics {
  /** True when somebody subscribes to it. One look-up. */
  isFollowed(topic: string): boolean
  /**
   * Sends to everybody who follows the topic and may be sent it; `payload` is asked once, and not at all when nobody gets it. Whoever has not taken what was sent before misses it; when they have, and
   * something is to be sent again, what `missed` makes of the number goes first.
   */
  publishLive(topic: string, payload: () => string, missed: (count: number) => string): void
}
