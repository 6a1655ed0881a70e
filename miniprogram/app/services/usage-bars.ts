import { depthOf } from './history-chart.ts'

const width = 600
const height = 240
/** The share of its space that a bar fills. */
const filled = 0.64

/** Draws amounts as bars from zero to `top`, as an SVG in a CSS `url(…)`: a mask, as history-chart.ts draws. The last bar, which is not over yet, is lighter. */
export function usageBars(amounts: readonly number[], top: number): string {
  const room = width / amounts.length
  const bars = amounts.map((amount, index) => {
    const y = (depthOf(amount, { bottom: 0, top }) / 100) * height
    const x = room * (index + (1 - filled) / 2)
    const opacity = index === amounts.length - 1 ? 0.55 : 0.9
    return amount > 0
      ? `<rect x="${round(x)}" y="${round(y)}" width="${round(room * filled)}" height="${round(height - y)}" fill-opacity="${opacity}"/>`
      : ''
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${bars.join('')}</svg>`
  return `url('data:image/svg+xml,${encodeURIComponent(svg)}')`
}

const round = (value: number) => Math.round(value * 10) / 10
