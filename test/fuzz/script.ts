import type { Actor } from './actor.ts'
import { anyConnect, anyPacket, type PacketSource } from './any-packet.ts'
import { canaryId } from './canary.ts'
import { type Chunk, cut } from './cut.ts'
import { toFrames } from './frames.ts'
import { mutate } from './mutate.ts'
import type { LineTransport } from './open-line.ts'
import type { Random } from './random.ts'

/** Everything that one connection sends, decided beforehand but for its answers to the broker. */
export interface Script {
  readonly transport: LineTransport
  /** Of MQTT, in which the broker answers. */
  readonly version: 4 | 5
  /** CONNECT, or what stands in its place. */
  readonly opening: readonly Chunk[]
  /** Waits for CONNACK, or for the end, before it goes on. */
  readonly waits: boolean
  readonly chunks: readonly Chunk[]
  /** Breaks off in place of saying goodbye. */
  readonly breaksOff: boolean
}

const longest = 150
const mqtt5Begins = Buffer.from('\0\u0004MQTT\u0005')

/**
 * Packets that are mostly right; at a wrong one most connections end, so that nearly nothing comes after it. An operator, who may reset any
 * device, is given no body that names the canary's.
 */
export function makeScript(random: Random, actors: readonly Actor[], bodies: readonly Buffer[]): Script {
  const transport = random.pick(['tcp', 'ws'] as const)
  const actor = random.pick(actors)
  const source: PacketSource = {
    random,
    actor,
    version: random.pick([4, 5]),
    bodies: actor.kind === 'operator' ? bodies.filter(body => !body.includes(canaryId)) : bodies,
    clientId: random.pick(actor.clientIds),
    deviceIds: actor.deviceIds,
  }
  const isOddOpening = random.chance(0.05)
  const connect = anyConnect(source)
  const opening = isOddOpening ? mutate(random, random.chance(0.5) ? connect : anyPacket(source)) : connect

  const packets: Buffer[] = []
  const count = 10 + random.below(longest)
  let left = count
  while (left-- > 0) {
    const packet = anyPacket(source)
    const isMutated = random.chance(0.015)
    packets.push(isMutated ? mutate(random, packet) : packet)
    if (isMutated) left = Math.min(left, random.below(3))
  }

  const framed = (chunks: Chunk[]) => (transport === 'ws' ? toFrames(random, chunks) : chunks)
  return {
    transport,
    version: opening.includes(mqtt5Begins) ? 5 : 4,
    opening: framed(cut(random, [opening])),
    waits: !isOddOpening && random.chance(0.8),
    chunks: framed(cut(random, packets)),
    breaksOff: random.chance(0.3),
  }
}
