import { writeFileSync } from 'node:fs'

/** One row: a figure of each broker, and of what both gave in turns. */
export interface Row {
  readonly title: string
  readonly unit: string
  readonly ours: number
  /** Missing where Mosquitto has nothing to compare with. */
  readonly theirs?: number
  /** The median of the ratios of each turn, and the least and the greatest. */
  readonly ratio?: number
  readonly span?: readonly [number, number]
  /** What the ratio, or without one our own figure, is meant to reach; `most` when it is an upper bound. */
  readonly bar?: { readonly value: number; readonly of: 'ratio' | 'ours'; readonly most?: true }
}

/** Whether the row reaches its bar; undefined without one. */
export function isMet({ ours, ratio, bar }: Row): boolean | undefined {
  if (!bar) return undefined
  const value = bar.of === 'ratio' ? (ratio ?? Number.NaN) : ours
  return bar.most ? value <= bar.value : value >= bar.value
}

/** Prints rows as Markdown, each when it is known, and keeps them. */
export function createTable() {
  const rows: Row[] = []
  const print = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`)
  const figure = (value: number | undefined) =>
    value === undefined ? '–' : value < 100 ? value.toFixed(2) : whole(value)
  return {
    begin() {
      print('scenario', 'unit', 'latchkey', 'mosquitto', 'ratio', 'from–to', 'bar', 'met')
      print('---', '---', '---', '---', '---', '---', '---', '---')
    },
    add(row: Row) {
      const { title, unit, ours, theirs, ratio, span, bar } = row
      const met = isMet(row)
      rows.push(row)
      print(
        title,
        unit,
        figure(ours),
        figure(theirs),
        ratio?.toFixed(2) ?? '–',
        span ? span.map(value => value.toFixed(2)).join('–') : '–',
        bar ? `${bar.most ? '≤' : '≥'} ${whole(bar.value)}${bar.of === 'ours' ? ` ${unit}` : ''}` : '–',
        met === undefined ? '–' : met ? 'yes' : 'no',
      )
    },
    /** Writes all rows as JSON, for the picture. */
    write: (file: string) => writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`),
  }
}

const whole = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 })
