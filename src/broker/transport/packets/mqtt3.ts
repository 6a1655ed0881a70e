import type { Dialect } from '../dialect.ts'
import { checkPacket } from './check-packet.ts'
import { encodePublish } from './encode-publish.ts'
import { encodeAnswer, giveMessagePacket } from './message-packets.ts'
import { packetType } from './packet-types.ts'
import { readPlainPublish } from './plain-publish.ts'
import type { Published } from './publication.ts'

const sessionPresentAt = 2

const encodePlain = ({ topic, payload }: Published): Buffer => encodePublish(topic, payload)

/** MQTT 3.1.1. It cannot say why something is refused or ended. */
export const mqtt311: Dialect = {
  version: '3.1.1',
  saysWhy: false,
  extras: {},
  check: checkPacket,
  readPlain: readPlainPublish,
  give: giveMessagePacket,
  forEngine: (_type, packet) => packet,
  publish(publication, flags) {
    const { topic, payload } = publication.message
    if (flags.retain || flags.handshake) return encodePublish(topic, payload, flags)
    return publication.as3(encodePlain)
  },
  answer: encodeAnswer,
  engineTakes() {},
  optionsOf: () => undefined,
  leaving: undefined,
  welcome() {},
  refuseConnect() {},
  refuseFilter() {},
  farewell: () => undefined,
}

/** MQTT 3.1, where the byte of CONNACK that has held session present since 3.1.1 is reserved. */
export const mqtt31: Dialect = {
  ...mqtt311,
  version: '3.1',
  fromEngine(packet) {
    if ((packet[0] ?? 0) >> 4 === packetType.connack) packet[sessionPresentAt] = 0
    return packet
  },
}
