import type { PacketFault } from '../../../protocol/packet-faults.ts'
import { packetName } from './packet-types.ts'

/** Why a stream was closed for what came over it. */
export interface StreamFault {
  /** For the log: a name, and behind a colon what is known of it. Holds no text of a stranger. */
  readonly reason: string
  /** CONNACK's return code; 0 when there is none. */
  readonly returnCode: number
  /** Where CONNECT said so. */
  readonly clientId: string
}

const closedBecause = (reason: string): StreamFault => ({ reason, returnCode: 0, clientId: '' })

/** The connection does not begin with MQTT. */
export const notMqtt = (looksLike: string): StreamFault => closedBecause(`not-mqtt: ${looksLike}`)

/** A packet that MQTT does not allow. */
export const violation = (packetType: number, fault: PacketFault): StreamFault =>
  closedBecause(`protocol-violation: ${packetName(packetType)} ${fault}`)

/** A packet that announces more bytes than it may have. */
export const tooLarge = (packetType: number, bytes: number): StreamFault =>
  closedBecause(`packet-too-large: ${packetName(packetType)} of ${bytes} bytes`)

/** A packet with more filters than can be worked on. */
export const tooManyFilters = (packetType: number, filters: number): StreamFault =>
  closedBecause(`too-many-filters-in-packet: ${packetName(packetType)} of ${filters}`)

/** A version of MQTT that is not spoken here: CONNACK 1 [MQTT-3.1.2-2]. */
export const unsupportedProtocol = (clientId: string): StreamFault => ({
  reason: 'unsupported-protocol',
  returnCode: 1,
  clientId,
})
