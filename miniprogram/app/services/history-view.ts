import type { Locale } from '../../../src/protocol/codes.ts'
import { valueText } from './controls.ts'
import type { Device, History } from './devices.ts'
import { historyChart } from './history-chart.ts'
import { clockTime, dayAndTime } from './times.ts'

/** How far back a chart goes. */
export const spans = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const
export type Span = keyof typeof spans

/** As many buckets as a phone is wide. */
export const chartPoints = 120

/** A chart with its texts, ready for `setData`. */
export interface HistoryView {
  readonly image: string
  readonly topText: string
  readonly bottomText: string
  readonly fromText: string
  readonly toText: string
}

export const emptyHistoryView: HistoryView = { image: '', topText: '', bottomText: '', fromText: '', toText: '' }

/** Draws what `device/history` answered for a property of a device. */
export function historyView(
  history: History,
  { model }: Pick<Device, 'model'>,
  property: string,
  span: Span,
  toMs: number,
  locale: Locale,
): HistoryView {
  const schema = model.properties[property]
  const isBoolean = schema?.type === 'boolean'
  const fromMs = toMs - spans[span]
  const { image, top, bottom, isEmpty } = historyChart(history, { fromMs, toMs, isBoolean })
  const unit = schema?.unit ?? ''
  const end = (value: number) => valueText(isBoolean ? value === 1 : Number(value.toPrecision(3)), unit, locale)
  const time = span === 'week' ? dayAndTime : clockTime
  return {
    image,
    topText: isEmpty ? '' : end(top),
    bottomText: isEmpty ? '' : end(bottom),
    fromText: time(fromMs),
    toText: time(toMs),
  }
}
