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
} as const

const names = Object.keys(packetType).map(name => name.toUpperCase())

/** The name that MQTT has for a packet type; for 0 and 15, which it reserves, `packet type 0` and `packet type 15`. */
export const packetName = (type: number): string => names[type - 1] ?? `packet type ${type}`

const answered: ReadonlySet<number> = new Set([packetType.connect, packetType.subscribe, packetType.unsubscribe])

/** Whether a packet changes what those behind it mean, once it is answered. */
export const isAnswered = (type: number): boolean => answered.has(type)

/** What a client sends of its own accord; the others answer something of ours. */
export const unasked: ReadonlySet<number> = new Set([
  packetType.connect,
  packetType.publish,
  packetType.subscribe,
  packetType.unsubscribe,
  packetType.pingreq,
])
