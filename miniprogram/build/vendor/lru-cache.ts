/** As much of lru-cache as mqtt.js uses for topic aliases, which MQTT 3.1.1 does not have. */
export class LRUCache extends Map {}
