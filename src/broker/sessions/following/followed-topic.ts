const prefix = '$follow/'

/** How a followed filter is stored: it is no ordinary one, and stands for what the user's grants make of it. */
export const followedTopic = (filter: string): string => prefix + filter

/** The followed filter behind a stored one, or undefined when that is ordinary. */
export const followedFilterOf = (topic: string): string | undefined =>
  topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined
