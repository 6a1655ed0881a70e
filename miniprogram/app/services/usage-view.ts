import type { Locale } from '../../../src/protocol/codes.ts'
import { phrases } from '../texts/phrases.ts'
import { axisOf } from './axis.ts'
import { valueText } from './controls.ts'
import { depthOf } from './history-chart.ts'
import { emptyHistoryView, type HistoryView } from './history-view.ts'
import { day, month } from './times.ts'
import { usageBars } from './usage-bars.ts'

/** How many of each period are shown; the last one is not over yet. */
export const periods = { day: 14, week: 12, month: 12 } as const
export type Period = keyof typeof periods

/** How much a counter rose in each period. */
export interface Used {
  /** One less than `edgesMs`. */
  readonly amounts: readonly number[]
  readonly edgesMs: readonly number[]
  readonly period: Period
  readonly unit: string
}

/** Where each of the last periods begins in the phone's time zone, and where the last one ends. Weeks begin on Monday. */
export function edgesOf(period: Period, nowMs: number): number[] {
  const now = new Date(nowMs)
  const [year, inYear, inMonth] = [now.getFullYear(), now.getMonth(), now.getDate()]
  const sinceMonday = (now.getDay() + 6) % 7
  // By the calendar, not by adding: the day on which summer time begins has 23 hours.
  return Array.from({ length: periods[period] + 1 }, (_, index) => {
    const back = periods[period] - 1 - index
    if (period === 'month') return new Date(year, inYear - back, 1).getTime()
    return new Date(year, inYear, period === 'week' ? inMonth - sinceMonday - 7 * back : inMonth - back).getTime()
  })
}

/** Draws the amounts as bars from zero; empty when nothing was used. */
export function usageView({ amounts, edgesMs, period, unit }: Used, locale: Locale): HistoryView {
  const most = Math.max(0, ...amounts)
  if (most === 0) return emptyHistoryView
  const axis = axisOf(0, most)
  const amountText = (amount: number) => textOf(amount, unit, locale)
  const count = amounts.length
  const every = period === 'day' ? 4 : 3
  const times = amounts.flatMap((_, index) =>
    (count - 1 - index) % every === 0
      ? [{ text: shortName(edgesMs[index] ?? 0, period), at: middle(index, count) }]
      : [],
  )
  const total = amounts.reduce((sum, amount) => sum + amount, 0)
  return {
    image: usageBars(amounts, axis.top),
    rows: axis.marks
      .filter(value => value > 0)
      .map(value => ({ text: value.toFixed(axis.decimals), at: depthOf(value, axis) })),
    times,
    summary: phrases[locale].used(period, amountText(amounts[count - 1] ?? 0), amountText(total), count),
  }
}

/** The amount where a finger points; `along` is from 0 to 1. */
export function usageReadOut({ amounts, edgesMs, period, unit }: Used, along: number, locale: Locale): string {
  const index = Math.min(amounts.length - 1, Math.max(0, Math.floor(along * amounts.length)))
  const startMs = edgesMs[index] ?? 0
  // The last day of the period, whatever the clocks do at its end.
  const lastDayMs = (edgesMs[index + 1] ?? 0) - 43_200_000
  const name =
    period === 'month'
      ? month(startMs)
      : period === 'week'
        ? `${day(startMs)} – ${day(lastDayMs).slice(5)}`
        : day(startMs)
  return `${name} · ${textOf(amounts[index] ?? 0, unit, locale)}`
}

const shortName = (atMs: number, period: Period) => (period === 'month' ? month(atMs) : day(atMs).slice(5))

const middle = (index: number, count: number) => Math.round(((index + 0.5) / count) * 1000) / 10

/** Two decimals for small amounts, none for large ones. */
const textOf = (amount: number, unit: string, locale: Locale) =>
  valueText(Number(amount.toFixed(amount < 10 ? 2 : amount < 100 ? 1 : 0)), unit, locale)
