import type { Actor } from './actor.ts'
import { anyFilter, anyTopic, type TopicNames } from './any-topic.ts'
import { encodePacket, lengthAndText, number16, packetType } from './encode-packet.ts'
import type { Random } from './random.ts'

/** Where a connection's packets come from. */
export interface PacketSource extends TopicNames {
  readonly random: Random
  readonly actor: Actor
  /** To choose payloads from. */
  readonly bodies: readonly Buffer[]
}

const oddClientIds = ['', 'a/b', '+', '#', '$x', 'jwt', 'x'.repeat(65), '\u0001', '__proto__', 'äöü']
/** Few of them, so that they meet again. */
const anyPacketId = (random: Random): number => (random.chance(0.005) ? 0 : random.pick([1, 2, 3, 4, 5, 65_535]))

/** The CONNECT that this connection begins with, mostly one that is accepted. */
export function anyConnect({ random, actor, clientId, ...names }: PacketSource): Buffer {
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
  const will = hasWill ? [lengthAndText(willTopic(random, actor, { clientId, ...names })), lengthAndText('gone')] : []
  return encodePacket(packetType.connect, odd && random.chance(0.1) ? 1 : 0, [
    lengthAndText(odd ? random.pick(['MQTT', 'MQIsdp', 'mqtt', '']) : 'MQTT'),
    Buffer.of(odd ? random.pick([3, 4, 5, 0, 0x84, 255]) : 4, flags),
    number16(random.pick([0, 1, 60, 65_535])),
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
  if (turn < 950) return anyAnswer(random)
  if (turn < 994) return encodePacket(packetType.pingreq, 0, [])
  if (turn < 996) return anyConnect(source)
  if (turn < 998) return encodePacket(packetType.disconnect, 0, [])
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
  return encodePacket(packetType.publish, flags, [lengthAndText(anyTopic(random, source)), ...id, payload])
}

function anySubscribe(source: PacketSource): Buffer {
  const { random } = source
  const isOdd = random.chance(0.003)
  const count = random.chance(0.02) ? random.below(150) : random.pick([1, 1, 2, 5])
  const filters = Array.from({ length: count }, () => [
    lengthAndText(anyFilter(random, source)),
    Buffer.of(isOdd ? random.pick([3, 4, 0x80]) : random.below(3)),
  ])
  const flags = random.chance(0.002) ? 0 : 2
  return encodePacket(packetType.subscribe, flags, [number16(anyPacketId(random)), ...filters.flat()])
}

function anyUnsubscribe(source: PacketSource): Buffer {
  const { random } = source
  const count = random.chance(0.005) ? 0 : 1 + random.below(4)
  const filters = Array.from({ length: count }, () => lengthAndText(anyFilter(random, source)))
  return encodePacket(packetType.unsubscribe, 2, [number16(anyPacketId(random)), ...filters])
}

/** An answer to something that may never have been asked. PUBREL most of all: it releases a message at QoS 2. */
export function anyAnswer(random: Random): Buffer {
  const { puback, pubrec, pubrel, pubcomp } = packetType
  const type = random.pick([puback, pubrec, pubrel, pubrel, pubrel, pubcomp])
  const flags = random.chance(0.003) ? random.below(16) : type === pubrel ? 2 : 0
  return encodePacket(type, flags, [number16(anyPacketId(random))])
}
