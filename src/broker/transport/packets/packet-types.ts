/** Control packet types (MQTT 3.1.1 table 2.1). */
export const packetType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  /** MQTT 5 alone. */
  auth: 15,
} as const

const names = Object.keys(packetType).map(name => name.toUpperCase())

/** The name that MQTT has for a packet type; for 0, which it reserves, `packet type 0`. */
export const packetName = (type: number): string => names[type - 1] ?? `packet type ${type}`

const answered: ReadonlySet<number> = new Set([packetType.connect, packetType.subscribe, packetType.unsubscribe])

/** Whether the answer to a packet changes what the packets after it mean. */
export const isAnswered = (type: number): boolean => answered.has(type)

const engines: ReadonlySet<number> = new Set([...answered, packetType.disconnect])

/** Whether a packet is the engine's, and its meaning may have to be told to it in other words. */
export const isEngines = (type: number): boolean => engines.has(type)

/** True for packets that a client sends of its own accord; the others answer a packet of ours. */
export const unasked: ReadonlySet<number> = new Set([
  packetType.connect,
  packetType.publish,
  packetType.subscribe,
  packetType.unsubscribe,
  packetType.pingreq,
  packetType.auth,
])
