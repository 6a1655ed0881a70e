import type { History } from './devices.ts'

/** A chart, ready for `setData`: an SVG as a CSS `url(…)`, and the texts beside it. */
export interface HistoryChart {
  readonly image: string
  readonly top: number
  readonly bottom: number
  readonly isEmpty: boolean
}

export interface ChartOptions {
  readonly fromMs: number
  readonly toMs: number
  /** Of a boolean property: 0 and 1 are the ends, whatever was seen. */
  readonly isBoolean: boolean
}

const width = 600
const height = 240
/** Readable on white and on black alike: the picture cannot know which it is on. */
const ink = '#16a37f'

/**
 * Draws buckets of `device/history` as a stepped line in a band from least to most. Values are recorded on change, so a bucket without
 * samples goes on with the last value before it.
 */
export function historyChart({ samples, before }: History, { fromMs, toMs, isBoolean }: ChartOptions): HistoryChart {
  const values = [...samples.flatMap(({ min, max }) => [min, max]), ...(before === undefined ? [] : [before])]
  if (values.length === 0) return { image: '', top: 0, bottom: 0, isEmpty: true }
  const [bottom, top] = isBoolean ? [0, 1] : ends(Math.min(...values), Math.max(...values))
  const x = (atMs: number) => round(((atMs - fromMs) / (toMs - fromMs)) * width)
  const y = (value: number) => round(8 + (1 - (value - bottom) / (top - bottom)) * (height - 16))

  const points: [number, number][] = []
  let held = before
  if (before !== undefined) points.push([0, y(before)])
  for (const { at, avg, last } of samples) {
    const from = Math.max(0, x(at))
    if (held !== undefined) points.push([from, y(held)])
    points.push([from, y(isBoolean ? last : avg)])
    held = last
  }
  if (held !== undefined) points.push([width, y(held)])
  const line = points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px} ${py}`).join('')
  const start = points[0]?.[0] ?? 0
  const area = `${line}L${width} ${height}L${start} ${height}Z`
  const bars = samples
    .filter(({ min, max }) => max > min)
    .map(({ at, min, max }) => `M${Math.max(0, x(at))} ${y(max)}V${y(min)}`)
    .join('')
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">` +
    `<path d="${area}" fill="${ink}" fill-opacity=".14"/>` +
    `<path d="${bars}" stroke="${ink}" stroke-opacity=".35" stroke-width="4" fill="none" vector-effect="non-scaling-stroke"/>` +
    `<path d="${line}" stroke="${ink}" stroke-width="2" stroke-linejoin="round" fill="none" vector-effect="non-scaling-stroke"/></svg>`
  return { image: `url('data:image/svg+xml,${encodeURIComponent(svg)}')`, top, bottom, isEmpty: false }
}

const round = (value: number) => Math.round(value * 10) / 10

/** A little room above and below; a flat line runs through the middle. */
function ends(least: number, most: number): [number, number] {
  const room = (most - least) * 0.08 || Math.abs(most) * 0.05 || 1
  return [least - room, most + room]
}
