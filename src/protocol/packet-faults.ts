interface Fault {
  /** Where MQTT 3.1.1 says so; empty where it knows no such thing. */
  readonly in3: string
  /** Where MQTT 5 says so; empty where it allows it. */
  readonly in5: string
  /** With which an MQTT 5 connection ends (MQTT 5 section 2.4). */
  readonly reasonCode: number
}

const malformed = 0x81
const protocolError = 0x82

/**
 * What a packet may not be. It ends its connection [MQTT-4.8.0-1], with a DISCONNECT that says so where the version has one; the log has the reason
 * `protocol-violation: `, the packet's name, and one of these. docs/protocol.md is generated from this table.
 */
export const packetFaults = {
  'not from a client': { in3: 'section 2.2.1', in5: 'section 2.1.2', reasonCode: protocolError },
  'before CONNECT': { in3: 'MQTT-3.1.0-1', in5: 'MQTT-3.1.0-1', reasonCode: protocolError },
  'a second time': { in3: 'MQTT-3.1.0-2', in5: 'MQTT-3.1.0-2', reasonCode: protocolError },
  'reserved flags': { in3: 'MQTT-2.2.2-2', in5: 'MQTT-2.1.3-1', reasonCode: malformed },
  'malformed length': { in3: 'section 2.2.3', in5: 'section 1.5.5', reasonCode: malformed },
  'cut short': { in3: 'section 2.2.3', in5: 'section 2.1.4', reasonCode: malformed },
  'bytes left over': { in3: 'section 2.2.3', in5: 'section 2.1.4', reasonCode: malformed },
  'with a body': { in3: 'sections 3.12 and 3.14', in5: 'section 3.12', reasonCode: malformed },
  'packet id 0': { in3: 'MQTT-2.3.1-1', in5: 'MQTT-2.2.1-3', reasonCode: protocolError },
  'no filters': { in3: 'MQTT-3.8.3-3, MQTT-3.10.3-2', in5: 'MQTT-3.8.3-2, MQTT-3.10.3-2', reasonCode: protocolError },
  'reserved bits of a filter': { in3: 'MQTT-3.8.3-4', in5: 'MQTT-3.8.3-5', reasonCode: malformed },
  'malformed filter': { in3: '', in5: 'section 4.7.1', reasonCode: 0x8f },
  'no local on a shared subscription': { in3: '', in5: 'MQTT-3.8.3-4', reasonCode: protocolError },
  'empty topic': { in3: 'MQTT-4.7.3-1', in5: 'MQTT-4.7.3-1', reasonCode: protocolError },
  'wildcard in a topic name': { in3: 'MQTT-3.3.2-2', in5: 'MQTT-3.3.2-2', reasonCode: 0x90 },
  'wildcard in a response topic': { in3: '', in5: 'MQTT-3.3.2-14', reasonCode: protocolError },
  'topic alias out of range': { in3: '', in5: 'MQTT-3.3.2-9', reasonCode: 0x94 },
  'unknown topic alias': { in3: '', in5: 'section 3.3.2.3.4', reasonCode: 0x94 },
  'more than the receive maximum': { in3: '', in5: 'section 3.3.4', reasonCode: 0x93 },
  'text that is not UTF-8': { in3: 'MQTT-1.5.3-1', in5: 'MQTT-1.5.4-1', reasonCode: malformed },
  'text with NUL': { in3: 'MQTT-1.5.3-2', in5: 'MQTT-1.5.4-2', reasonCode: malformed },
  'QoS 3': { in3: 'MQTT-3.3.1-4', in5: 'MQTT-3.3.1-4', reasonCode: malformed },
  'DUP at QoS 0': { in3: 'MQTT-3.3.1-2', in5: 'MQTT-3.3.1-2', reasonCode: malformed },
  'property not allowed': { in3: '', in5: 'section 2.2.2.2', reasonCode: protocolError },
  'property twice': { in3: '', in5: 'section 2.2.2.2', reasonCode: protocolError },
  'property out of range': { in3: '', in5: 'section 2.2.2.2', reasonCode: protocolError },
  'too many user properties': { in3: '', in5: 'limit of 64', reasonCode: 0x97 },
  'unknown reason code': { in3: '', in5: 'section 2.4', reasonCode: malformed },
  'session expiry where CONNECT had none': { in3: '', in5: 'section 3.14.2.2.2', reasonCode: protocolError },
  'authentication data without a method': { in3: '', in5: 'section 3.1.2.11.10', reasonCode: protocolError },
  'another authentication method': { in3: '', in5: 'MQTT-4.12.1-1', reasonCode: protocolError },
  'before the last was answered': { in3: '', in5: 'limit of 1 AUTH', reasonCode: protocolError },
  'unknown protocol name': { in3: 'MQTT-3.1.2-1', in5: 'MQTT-3.1.2-1', reasonCode: 0x84 },
  'reserved connect flag': { in3: 'MQTT-3.1.2-3', in5: 'MQTT-3.1.2-3', reasonCode: malformed },
  'will flags without a will': { in3: 'MQTT-3.1.2-11', in5: 'MQTT-3.1.2-11', reasonCode: malformed },
  'will QoS 3': { in3: 'MQTT-3.1.2-14', in5: 'MQTT-3.1.2-12', reasonCode: malformed },
  'password without a user name': { in3: 'MQTT-3.1.2-22', in5: '', reasonCode: malformed },
} as const satisfies Readonly<Record<string, Fault>>

export type PacketFault = keyof typeof packetFaults

/** In the order of the table: each fault, where MQTT 3.1.1 and 5 speak of it, and its reason code in hexadecimal. */
export const packetFaultRows = (): readonly (readonly string[])[] =>
  Object.entries(packetFaults).map(([fault, { in3, in5, reasonCode }]) => [
    fault,
    in3,
    in5,
    `0x${reasonCode.toString(16).toUpperCase()}`,
  ])
