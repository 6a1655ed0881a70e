import { type PacketFault, packetFaults } from '../../../protocol/packet-faults.ts'
import { packetName } from './packet-types.ts'

/** A fault in what came over a stream, for which it was closed. */
export interface StreamFault {
  /** For the log: a name, and after a colon what is known about it. Never contains text from the client. */
  readonly reason: string
  /** CONNACK's return code; 0 when there is none. */
  readonly returnCode: number
  /** Of DISCONNECT, where there is one for this alone. */
  readonly reasonCode?: number
  /** Present when CONNECT named it. */
  readonly clientId: string
}

const closedBecause = (reason: string): StreamFault => ({ reason, returnCode: 0, clientId: '' })

/** The connection does not begin with MQTT. */
export const notMqtt = (looksLike: string): StreamFault => closedBecause(`not-mqtt: ${looksLike}`)

/** A packet is one that MQTT does not allow. */
export const violation = (packetType: number, fault: PacketFault): StreamFault => ({
  ...closedBecause(`protocol-violation: ${packetName(packetType)} ${fault}`),
  reasonCode: packetFaults[fault].reasonCode,
})

/** A packet announces more bytes than it may have. */
export const tooLarge = (packetType: number, bytes: number): StreamFault =>
  closedBecause(`packet-too-large: ${packetName(packetType)} of ${bytes} bytes`)

/** A packet has more filters than it may have. */
export const tooManyFilters = (packetType: number, filters: number): StreamFault =>
  closedBecause(`too-many-filters-in-packet: ${packetName(packetType)} of ${filters}`)

/** CONNECT asks for a version of MQTT that is not spoken here: CONNACK 1 [MQTT-3.1.2-2]. */
export const unsupportedProtocol: StreamFault = { reason: 'unsupported-protocol', returnCode: 1, clientId: '' }
