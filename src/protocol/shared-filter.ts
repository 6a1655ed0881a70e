const shared = /^\$share\/[^/+#]+\/(.+)$/s

/** Whether a filter asks for a shared subscription (MQTT 5 section 4.8.2), well-formed or not. */
export const isShared = (filter: string): boolean => filter === '$share' || filter.startsWith('$share/')

/** What `$share/{group}/{filter}` subscribes to: the filter in it; undefined when it is not of this form [MQTT-4.8.2-1], [MQTT-4.8.2-2]. */
export const filterInShared = (filter: string): string | undefined => shared.exec(filter)?.[1]
