/**
 * Topics on which the broker itself publishes what happens, at QoS 0 and never retained; a reader that is behind misses messages. Implemented by src/broker.
 */
export interface LiveTopics {
  /** True when somebody subscribes to it. One look-up. */
  isFollowed(topic: string): boolean
  /**
   * Sends a message to every session that subscribes to the topic and may be sent it. `payload` is called once, and not at all when nobody gets the
   * message. A reader that has not taken earlier messages misses it. The next message that it gets is preceded by what `missed` makes of the number that it
   * has missed.
   */
  publishLive(topic: string, payload: () => string, missed: (count: number) => string): void
}
