import type { Locale } from '../../../src/protocol/codes.ts'
import { phrases } from '../texts/phrases.ts'
import { textsIn } from '../texts/texts-in.ts'
import { axisOf, timeMarks } from './axis.ts'
import { valueText } from './controls.ts'
import type { Device, History } from './devices.ts'
import { depthOf, historyChart } from './history-chart.ts'
import { clockTime, day, dayAndTime, month } from './times.ts'

/** How far back a chart goes. */
export const spans = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
} as const
export type Span = keyof typeof spans

/** How often a chart that is shown is drawn again: once in the width of one bucket, and at least every five minutes. */
export const redrawMs = { hour: 30_000, day: 300_000, week: 300_000, month: 300_000, year: 300_000 } as const

/** How many buckets fit the width of a phone. */
export const chartPoints = 120

/** A mark beside the chart or below it; `at` is how far from the upper or left edge it is, in percent. */
export interface Mark {
  readonly text: string
  readonly at: number
}

/** A chart with its texts, ready for `setData`. */
export interface HistoryView {
  readonly image: string
  readonly rows: readonly Mark[]
  readonly times: readonly Mark[]
  /** Least, average and most; empty for a switch. */
  readonly summary: string
}

export const emptyHistoryView: HistoryView = { image: '', rows: [], times: [], summary: '' }

/** What a chart is of. */
export interface Charted {
  readonly history: History
  readonly device: Pick<Device, 'model'>
  readonly property: string
  readonly span: Span
  /** The right edge of the chart. */
  readonly toMs: number
}

/** A mark closer than this to "now" would overlap it, in percent. */
const roomForNow = 18

/** Draws what `device/history` answered for a property of a device. */
export function historyView({ history, device, property, span, toMs }: Charted, locale: Locale): HistoryView {
  const { samples, before } = history
  const schema = device.model.properties[property]
  const isBoolean = schema?.type === 'boolean'
  const values = [...samples.flatMap(({ min, max }) => [min, max]), ...(before === undefined ? [] : [before])]
  if (values.length === 0) return emptyHistoryView
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const axis = isBoolean ? { bottom: 0, top: 1, marks: [0, 1], decimals: 0 } : axisOf(least, most, schema)
  const fromMs = toMs - spans[span]
  const unit = schema?.unit ?? ''
  const written = (value: number) => (isBoolean ? valueText(value === 1, '', locale) : value.toFixed(axis.decimals))
  const exact = (value: number) => valueText(Number(value.toFixed(axis.decimals + 1)), unit, locale)
  const whole =
    span === 'hour' || span === 'day' ? clockTime : span === 'year' ? month : (atMs: number) => day(atMs).slice(5)
  const along = (atMs: number) => Math.round(((atMs - fromMs) / (toMs - fromMs)) * 1000) / 10
  const marks = timeMarks(fromMs, toMs).map(atMs => ({ text: whole(atMs), at: along(atMs) }))
  const average = samples.length > 0 ? samples.reduce((sum, { avg }) => sum + avg, 0) / samples.length : least
  return {
    image: historyChart(history, { fromMs, toMs, isBoolean, ...axis }),
    rows: axis.marks.map(value => ({ text: written(value), at: depthOf(value, axis) })),
    times: [...marks.filter(({ at }) => at < 100 - roomForNow), { text: textsIn(locale).device.now, at: 100 }],
    summary: isBoolean ? '' : phrases[locale].leastAverageMost(exact(least), exact(average), exact(most)),
  }
}

/** The recorded value where a finger points; `along` is from 0 to 1. Empty where nothing is known. */
export function readOut({ history, device, property, span, toMs }: Charted, along: number, locale: Locale): string {
  const atMs = toMs - spans[span] + along * spans[span]
  const schema = device.model.properties[property]
  const bucketMs = spans[span] / chartPoints
  const passed = history.samples.filter(({ at }) => at <= atMs + bucketMs / 2)
  const sample = passed[passed.length - 1]
  const isInIt = sample && atMs - sample.at < bucketMs
  const value = sample ? (isInIt && schema?.type !== 'boolean' ? sample.avg : sample.last) : history.before
  if (value === undefined) return ''
  const time = span === 'hour' ? clockTime(atMs) : span === 'year' ? day(atMs) : dayAndTime(atMs)
  return `${time} · ${valueText(schema?.type === 'boolean' ? value === 1 : value, schema?.unit ?? '', locale)}`
}
