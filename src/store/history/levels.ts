const minuteMs = 60_000

/** How long a block of `history_block` is; block 0 begins at 1970, and so do the others. Stored data depends on these: another length is another migration. */
export const blockMs = 5 * minuteMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The levels of history: a row of a day, an hour, a block, or a single sample. */
export type Level = 'day' | 'hour' | 'block' | 'sample'

/** How long a row of each level is. */
export const lengthMs: Readonly<Record<Level, number>> = { day: dayMs, hour: hourMs, block: blockMs, sample: 1 }

/** Rows of one level, from number `first` up to but not including `end`. */
export interface Span {
  readonly level: Level
  readonly first: number
  readonly end: number
}

/**
 * The rows that together hold what is from `fromMs` up to `toMs`: whole ones of the first level, and of the next ones at its two ends. Of the last level the rows that begin
 * there, whole.
 */
export function* spansOf(fromMs: number, toMs: number, [level, ...finer]: readonly Level[]): Generator<Span> {
  if (!level || fromMs >= toMs) return
  const length = lengthMs[level]
  const first = Math.ceil(fromMs / length)
  if (finer.length === 0) return yield { level, first, end: Math.ceil(toMs / length) }
  const end = Math.floor(toMs / length)
  if (first >= end) return yield* spansOf(fromMs, toMs, finer)
  yield* spansOf(fromMs, first * length, finer)
  yield { level, first, end }
  yield* spansOf(end * length, toMs, finer)
}
