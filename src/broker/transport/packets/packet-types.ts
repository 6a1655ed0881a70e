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

/** MQTT's name for a packet type; `packet type 0` and `packet type 15` for the two that it reserves. */
export const packetName = (type: number): string => names[type - 1] ?? `packet type ${type}`

const answered: ReadonlySet<number> = new Set([packetType.connect, packetType.subscribe, packetType.unsubscribe])

/** Whether the answer to a packet changes what the packets after it mean. */
export const isAnswered = (type: number): boolean => answered.has(type)

/** True for packets that a client sends of its own accord; the others answer a packet of ours. */
export const unasked: ReadonlySet<number> = new Set([
  packetType.connect,
  packetType.publish,
  packetType.subscribe,
  packetType.unsubscribe,
  packetType.pingreq,
])
