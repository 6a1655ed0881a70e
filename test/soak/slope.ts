/** Points in time, in milliseconds, with what was measured there. */
export type Series = readonly (readonly [atMs: number, value: number])[]

/** The slope of the line that fits best (least squares), per hour; 0 of fewer than two points. */
export function slopePerHour(series: Series): number {
  const mean = (of: 0 | 1) => series.reduce((sum, point) => sum + point[of], 0) / series.length
  const [meanAtMs, meanValue] = [mean(0), mean(1)]
  const spread = series.reduce((sum, [atMs]) => sum + (atMs - meanAtMs) ** 2, 0)
  if (spread === 0 || series.length < 2) return 0
  const together = series.reduce((sum, [atMs, value]) => sum + (atMs - meanAtMs) * (value - meanValue), 0)
  return (together / spread) * 3_600_000
}

/** What lies after the middle of the time. */
export function secondHalf(series: Series): Series {
  const [first, last] = [series[0]?.[0] ?? 0, series.at(-1)?.[0] ?? 0]
  return series.filter(([atMs]) => atMs >= (first + last) / 2)
}
