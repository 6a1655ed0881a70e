/**
 * What a packet may not be, with where MQTT 3.1.1 says so. It ends its connection [MQTT-4.8.0-1]; the log has the reason
 * `protocol-violation: `, the packet's name, and one of these. docs/protocol.md is generated from this table.
 */
export const packetFaults = {
  'not from a client': 'section 2.2.1',
  'before CONNECT': 'MQTT-3.1.0-1',
  'a second time': 'MQTT-3.1.0-2',
  'reserved flags': 'MQTT-2.2.2-2',
  'malformed length': 'section 2.2.3',
  'cut short': 'section 2.2.3',
  'bytes left over': 'section 2.2.3',
  'with a body': 'sections 3.12 and 3.14',
  'packet id 0': 'MQTT-2.3.1-1',
  'no filters': 'MQTT-3.8.3-3, MQTT-3.10.3-2',
  'reserved bits of a filter': 'MQTT-3.8.3-4',
  'empty topic': 'MQTT-4.7.3-1',
  'wildcard in a topic name': 'MQTT-3.3.2-2',
  'text that is not UTF-8': 'MQTT-1.5.3-1',
  'text with NUL': 'MQTT-1.5.3-2',
  'QoS 3': 'MQTT-3.3.1-4',
  'DUP at QoS 0': 'MQTT-3.3.1-2',
  'unknown protocol name': 'MQTT-3.1.2-1',
  'reserved connect flag': 'MQTT-3.1.2-3',
  'will flags without a will': 'MQTT-3.1.2-11',
  'will QoS 3': 'MQTT-3.1.2-14',
  'password without a user name': 'MQTT-3.1.2-22',
} as const

export type PacketFault = keyof typeof packetFaults
