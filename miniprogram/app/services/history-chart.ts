import type { History } from './devices.ts'

/** The samples to draw, and between which ends. */
export interface ChartScale {
  readonly fromMs: number
  readonly toMs: number
  readonly bottom: number
  readonly top: number
  /** True for a boolean property: it steps, and has no average. */
  readonly isBoolean: boolean
}

const width = 600
const height = 240
const margin = 8
/** The picture is a mask: its colour is that of the element that shows it. */
const ink = '#000'

/** How far below the upper edge of the picture a value is, in percent. */
export const depthOf = (value: number, { bottom, top }: Pick<ChartScale, 'bottom' | 'top'>): number =>
  round((yOf(value, bottom, top) / height) * 100)

const yOf = (value: number, bottom: number, top: number) =>
  round(margin + (1 - (value - bottom) / (top - bottom)) * (height - 2 * margin))

/**
 * Draws buckets of `device/history` as a stepped line in a band from least to most, as an SVG in a CSS `url(…)`; empty when nothing is known. Values are recorded on
 * change, so a bucket without samples goes on with the last value before it.
 */
export function historyChart({ samples, before }: History, scale: ChartScale): string {
  if (samples.length === 0 && before === undefined) return ''
  const { fromMs, toMs, bottom, top, isBoolean } = scale
  const x = (atMs: number) => round(((atMs - fromMs) / (toMs - fromMs)) * width)
  const y = (value: number) => yOf(value, bottom, top)

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
  return `url('data:image/svg+xml,${encodeURIComponent(svg)}')`
}

const round = (value: number) => Math.round(value * 10) / 10
