import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { metricTable } from '../../../src/ops/metrics/metric-table.ts'

interface Panel {
  readonly title: string
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } }
  readonly targets: readonly { readonly expr: string }[]
}
const text = readFileSync(new URL('../../../docs/grafana.json', import.meta.url), 'utf8')
const { panels }: { panels: readonly Panel[] } = JSON.parse(text)

/** The names that Prometheus stores a metric under. */
const seriesOf = (name: string): string[] =>
  metricTable[name]?.type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]
const series = new Map(Object.keys(metricTable).flatMap(name => seriesOf(name).map(one => [one, name] as const)))
const usedIn = (source: string): string[] => source.match(/latchkey_\w+/g) ?? []

test('the dashboard asks only for metrics that there are', () => {
  expect(usedIn(text).filter(name => !series.has(name))).toEqual([])
})

test('every metric has a panel', () => {
  const shown = new Set(
    panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => usedIn(expr))).map(one => series.get(one)),
  )
  expect(Object.keys(metricTable).filter(name => !shown.has(name))).toEqual([])
})

test.each(panels.map(panel => [panel.title, panel] as const))(
  'the panel "%s" has a unit that fits its metrics',
  (_title, panel) => {
    const { unit } = panel.fieldConfig.defaults
    expect(unit).toBeTruthy()
    for (const { expr } of panel.targets) {
      const isRate = expr.includes('rate(') && !expr.includes('histogram_quantile')
      for (const name of usedIn(expr).map(one => series.get(one) ?? '')) {
        if (name.endsWith('_bytes_total') && isRate) expect(unit, expr).toBe('Bps')
        else if (name.endsWith('_cpu_seconds_total')) expect(unit, expr).toBe('percentunit')
        else if (name.endsWith('_seconds')) expect(unit, expr).toBe('s')
        else if (name.endsWith('_bytes')) expect(unit, expr).toBe('bytes')
        else if (isRate) expect(unit, expr).toBe('cps')
      }
    }
  },
)
