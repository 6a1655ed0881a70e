import type { Language } from '../texts/preferences.ts'

/** Formats numbers, times and sizes in the person's language. */
export function createFormat(language: Language) {
  const whole = new Intl.NumberFormat(language)
  const short = new Intl.NumberFormat(language, { maximumFractionDigits: 2, notation: 'compact' })
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' })
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' })
  const hour = new Intl.DateTimeFormat(language, { timeStyle: 'short' })
  return {
    whole: (value: number) => whole.format(value),
    rate: (value: number) => short.format(value),
    moment: (ms: number) => moment.format(ms),
    time: (ms: number) => time.format(ms),
    hour: (ms: number) => hour.format(ms),
    bytes,
    duration,
  }
}

function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** The two largest units, as `3d 4h`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  if (first < 0) return '0s'
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join(' ')
}
