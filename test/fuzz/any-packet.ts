import type { Actor } from './actor.ts'
import { anyProperties, type PropertyPlace } from './any-properties.ts'
import { anyFilter, anyTopic, type TopicNames } from './any-topic.ts'
import { encodePacket, lengthAndText, number16, packetType } from './encode-packet.ts'
import type { Random } from './random.ts'

/** Where a connection's packets come from. */
export interface PacketSource extends TopicNames {
  readonly random: Random
  readonly actor: Actor
  readonly version: 4 | 5
  /** To choose payloads from. */
  readonly bodies: readonly Buffer[]
}

const oddClientIds = ['', 'a/b', '+', '#', '$x', 'jwt', 'x'.repeat(65), '\u0001', '__proto__', 'äöü']
/** Few of them, so that they meet again. */
const anyPacketId = (random: Random): number => (random.chance(0.005) ? 0 : random.pick([1, 2, 3, 4, 5, 65_535]))

/** None before MQTT 5. */
const propertiesOf = ({ version, random }: PacketSource, place: PropertyPlace): Buffer[] =>
  version === 5 ? [anyProperties(random, place)] : []

/** The CONNECT that this connection begins with, mostly one that is accepted. */
export function anyConnect(source: PacketSource): Buffer {
  const { random, actor, clientId, version, ...names } = source
  const isGuest = actor.kind === 'guest'
  const isClean = isGuest ? !random.chance(0.05) : random.chance(0.35)
  const hasWill = random.chance(actor.kind === 'device' ? 0.3 : 0.03)
  const odd = random.chance(0.08)
  const username = odd && random.chance(0.3) ? random.pick([undefined, 'jwt', 'device', '']) : actor.username
  const password = odd && random.chance(0.3) ? random.pick([undefined, 'x', 'a.b.c']) : actor.password
  const willQos = random.pick(odd ? [0, 1, 2, 3] : [0, 1, 2])
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (hasWill ? 4 | (willQos << 3) | (random.chance(0.1) ? 0x20 : 0) : 0) |
    (isClean ? 2 : 0) |
    (odd && random.chance(0.1) ? 1 : 0)
  const will = hasWill
    ? [
        ...propertiesOf(source, 'will'),
        lengthAndText(willTopic(random, actor, { clientId, ...names })),
        lengthAndText('gone'),
      ]
    : []
  return encodePacket(packetType.connect, odd && random.chance(0.1) ? 1 : 0, [
    lengthAndText(odd ? random.pick(['MQTT', 'MQIsdp', 'mqtt', '']) : 'MQTT'),
    Buffer.of(odd ? random.pick([3, 4, 5, 0, 0x84, 255]) : version, flags),
    number16(random.pick([0, 1, 60, 65_535])),
    ...propertiesOf(source, 'connect'),
    lengthAndText(odd && random.chance(0.5) ? random.pick(oddClientIds) : clientId),
    ...will,
    ...[username, password].flatMap(value => (value === undefined ? [] : [lengthAndText(value)])),
  ])
}

const willTopic = (random: Random, { kind }: Actor, names: PacketSource | TopicNames): string | Buffer =>
  kind === 'device' && random.chance(0.9) ? `devices/${names.clientId}/event/gone` : anyTopic(random, names)

/** A packet of a connection that is open. QoS 1 and 2 are the rule, and their ids collide. */
export function anyPacket(source: PacketSource): Buffer {
  const { random } = source
  const turn = random.below(1000)
  if (turn < 560) return anyPublish(source)
  if (turn < 700) return anySubscribe(source)
  if (turn < 780) return anyUnsubscribe(source)
  if (turn < 950) return anyAnswer(random, source.version)
  if (turn < 994) return encodePacket(packetType.pingreq, 0, [])
  if (turn < 996) return anyConnect(source)
  if (turn < 998) return anyDisconnect(source)
  return encodePacket(random.below(16), random.below(16), [random.bytes(random.below(20))])
}

function anyPublish(source: PacketSource): Buffer {
  const { random, bodies } = source
  const qos = random.chance(0.002) ? 3 : random.pick([0, 1, 1, 2, 2])
  const flags = (random.chance(qos === 0 ? 0.002 : 0.15) ? 8 : 0) | (qos << 1) | (random.chance(0.1) ? 1 : 0)
  const payload = random.chance(0.0005)
    ? Buffer.alloc(random.pick([65_536, 65_537, 150_000]), 'x')
    : random.pick(bodies)
  const id = qos === 0 ? [] : [number16(anyPacketId(random))]
  return encodePacket(packetType.publish, flags, [
    lengthAndText(anyTopic(random, source)),
    ...id,
    ...propertiesOf(source, 'publish'),
    payload,
  ])
}

function anySubscribe(source: PacketSource): Buffer {
  const { random } = source
  const isOdd = random.chance(0.003)
  const count = random.chance(0.02) ? random.below(150) : random.pick([1, 1, 2, 5])
  const filters = Array.from({ length: count }, () => [
    lengthAndText(anyFilter(random, source)),
    Buffer.of(isOdd ? random.pick([3, 4, 0x80]) : random.below(3) | (source.version === 5 ? anyOptions(random) : 0)),
  ])
  const flags = random.chance(0.002) ? 0 : 2
  return encodePacket(packetType.subscribe, flags, [
    number16(anyPacketId(random)),
    ...propertiesOf(source, 'subscribe'),
    ...filters.flat(),
  ])
}

function anyUnsubscribe(source: PacketSource): Buffer {
  const { random } = source
  const count = random.chance(0.005) ? 0 : 1 + random.below(4)
  const filters = Array.from({ length: count }, () => lengthAndText(anyFilter(random, source)))
  return encodePacket(packetType.unsubscribe, 2, [
    number16(anyPacketId(random)),
    ...propertiesOf(source, 'unsubscribe'),
    ...filters,
  ])
}

/** An answer to something that may never have been asked. PUBREL most of all: it releases a message at QoS 2. */
export function anyAnswer(random: Random, version: 4 | 5): Buffer {
  const { puback, pubrec, pubrel, pubcomp } = packetType
  const type = random.pick([puback, pubrec, pubrel, pubrel, pubrel, pubcomp])
  const flags = random.chance(0.003) ? random.below(16) : type === pubrel ? 2 : 0
  const codes = random.chance(0.01) ? [1] : type === pubrel || type === pubcomp ? [0, 0x92] : [0, 0x10, 0x80]
  const ending = version === 5 && random.chance(0.3) ? anyEnding(random, codes, 'answer') : []
  return encodePacket(type, flags, [number16(anyPacketId(random)), ...ending])
}

function anyDisconnect({ random, version }: PacketSource): Buffer {
  const ending = version === 5 && random.chance(0.8) ? anyEnding(random, [0, 4, 0x80, 0x87], 'disconnect') : []
  return encodePacket(packetType.disconnect, 0, ending)
}

/** A reason code of MQTT 5, and often properties behind it. */
const anyEnding = (random: Random, codes: readonly number[], place: PropertyPlace): Buffer[] => [
  Buffer.of(random.pick(codes)),
  ...(random.chance(0.5) ? [anyProperties(random, place)] : []),
]

/** No local, retain as published, and retain handling. */
const anyOptions = (random: Random): number => (random.below(4) << 2) | (random.below(3) << 4)
