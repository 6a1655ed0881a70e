/** Choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number
  /** True in `share` of all cases, from 0 to 1. */
  chance(share: number): boolean
  /** One of `choices`, of which there is at least one. */
  pick<T>(choices: readonly T[]): T
  /** So many bytes of any value. */
  bytes(length: number): Buffer
}

/** Mulberry32: 32 bits of state, good enough to choose by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    below,
    chance: share => next() < share,
    pick(choices) {
      const at = below(choices.length)
      const choice = choices[at]
      if (choice === undefined && at >= choices.length) throw new RangeError('nothing to choose from')
      return choice as (typeof choices)[number]
    },
    bytes: length => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

/** A seed of its own for each part of a run, so that the part can be repeated without the parts before it. */
export const seedOf = (seed: number, part: number): number => (seed ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0
