const prefix = '$follow/'

/** How a followed filter is stored: with a prefix that tells it from an ordinary one. */
export const followedTopic = (filter: string): string => prefix + filter

/** The followed filter that a stored one stands for; undefined when the stored one is ordinary. */
export const followedFilterOf = (topic: string): string | undefined =>
  topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined
