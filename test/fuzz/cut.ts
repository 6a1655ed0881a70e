import type { Random } from './random.ts'

/** What is written at once, and how many packets end in it. */
export interface Chunk {
  readonly bytes: Buffer
  readonly packets: number
}

/** The packets as they may come through a network: one by one, many at once, and in pieces. */
export function cut(random: Random, packets: readonly Buffer[]): Chunk[] {
  const chunks: Chunk[] = []
  let waiting: Buffer[] = []
  for (const packet of packets) {
    waiting.push(packet)
    if (random.chance(0.5)) continue
    chunks.push({ bytes: Buffer.concat(waiting), packets: waiting.length })
    waiting = []
  }
  if (waiting.length > 0) chunks.push({ bytes: Buffer.concat(waiting), packets: waiting.length })
  return chunks.flatMap(chunk => (random.chance(0.1) ? inPieces(random, chunk) : [chunk]))
}

function inPieces(random: Random, { bytes, packets }: Chunk): Chunk[] {
  const pieces: Chunk[] = []
  let from = 0
  while (from < bytes.length && pieces.length < 6) {
    const to = from + 1 + random.below(Math.min(bytes.length - from, 40))
    pieces.push({ bytes: bytes.subarray(from, to), packets: 0 })
    from = to
  }
  return [...pieces, { bytes: bytes.subarray(from), packets }]
}
