/** Control packet types (MQTT 3.1.1 table 2.1). */
const connect = 1
const subscribe = 8
const unsubscribe = 10
const pingreq = 12
export const publish = 3
export const disconnect = 14

/** What changes the meaning of the packets behind it. */
export const endsRead: ReadonlySet<number> = new Set([connect, subscribe, unsubscribe])
/** What a client sends of its own accord; the others answer something of ours. */
export const unasked: ReadonlySet<number> = new Set([connect, publish, subscribe, unsubscribe, pingreq])
