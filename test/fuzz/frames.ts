import type { Chunk } from './cut.ts'
import type { Random } from './random.ts'

/** Kinds of WebSocket frames (RFC 6455 section 11.8). */
const opcode = { continued: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

interface FrameOptions {
  readonly isFinal?: boolean
  readonly reserved?: number
  readonly isMasked?: boolean
  /** What the frame says its length is, as eight bytes. */
  readonly announced?: bigint
}

/** One frame of a client, right or wrong. */
export function encodeFrame(kind: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { isFinal = true, reserved = 0, isMasked = true, announced } = options
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | kind
  const mask = Buffer.alloc(4) // zeros are as good a mask as any, and leave the bytes as they are
  const length = encodeFrameLength(payload.length, isMasked ? 0x80 : 0, announced)
  return Buffer.concat([Buffer.of(first), length, ...(isMasked ? [mask] : []), payload])
}

function encodeFrameLength(length: number, maskBit: number, announced: bigint | undefined): Buffer {
  if (announced === undefined && length < 126) return Buffer.of(maskBit | length)
  if (announced === undefined && length < 65_536) return Buffer.of(maskBit | 126, length >> 8, length & 255)
  const long = Buffer.alloc(9)
  long[0] = maskBit | 127
  long.writeBigUInt64BE(announced ?? BigInt(length), 1)
  return long
}

/** How a client says goodbye. */
export const closeFrame = (): Buffer => encodeFrame(opcode.close, Buffer.of(0x03, 0xe8))

/** The chunks in frames: whole, in fragments with a ping between, with empty ones around. */
export function toFrames(random: Random, chunks: readonly Chunk[]): Chunk[] {
  return chunks.flatMap(({ bytes, packets }) => {
    const frames = random.chance(0.1) ? fragments(random, bytes) : [encodeFrame(opcode.binary, bytes)]
    if (random.chance(0.05)) frames.unshift(encodeFrame(opcode.binary, Buffer.alloc(0)))
    if (random.chance(0.01)) frames.unshift(oddFrame(random, bytes))
    return frames.map((frame, at) => ({ bytes: frame, packets: at === frames.length - 1 ? packets : 0 }))
  })
}

function fragments(random: Random, bytes: Buffer): Buffer[] {
  const middle = random.below(bytes.length + 1)
  const end = middle + random.below(bytes.length - middle + 1)
  return [
    encodeFrame(opcode.binary, bytes.subarray(0, middle), { isFinal: false }),
    encodeFrame(random.pick([opcode.ping, opcode.pong]), Buffer.from('between')),
    encodeFrame(opcode.continued, bytes.subarray(middle, end), { isFinal: false }),
    encodeFrame(opcode.continued, bytes.subarray(end)),
  ]
}

/** A frame that a client may not send; the connection ends with it. */
function oddFrame(random: Random, bytes: Buffer): Buffer {
  return random.pick([
    () => encodeFrame(opcode.text, bytes),
    () => encodeFrame(opcode.text, Buffer.from('text')),
    () => encodeFrame(opcode.binary, bytes, { reserved: 1 + random.below(7) }),
    () => encodeFrame(opcode.binary, bytes, { isMasked: false }),
    () => encodeFrame(random.pick([3, 7, 11, 15]), bytes),
    () => encodeFrame(opcode.continued, bytes),
    () => encodeFrame(opcode.ping, Buffer.alloc(126)),
    () => encodeFrame(opcode.ping, bytes.subarray(0, 9), { isFinal: false }),
    () => encodeFrame(opcode.close, random.bytes(random.below(20))),
    () => encodeFrame(opcode.binary, bytes, { announced: random.pick([2n ** 40n, 2n ** 63n, 300_000n]) }),
    () => closeFrame(),
  ])()
}
