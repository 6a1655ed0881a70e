import { useLayoutEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type Line, spanOf } from '../views/samples.ts'

interface Props {
  readonly title: string
  /** Seconds since 1970. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  /** Format a moment in milliseconds: with seconds, and without. */
  readonly time: (ms: number) => string
  readonly hour: (ms: number) => string
  readonly empty: string
  /** The label of the times. */
  readonly clock: string
  /** When this changes the chart is drawn again: the theme, the language. */
  readonly look: string
}

const height = 170
const minute = 60
/** Colours that colour-blind people can tell apart, in the order of their use. */
const colours = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'] as const

/** Lines over time. The chart is made again when the lines or the look change; otherwise it is only given new values. */
export function Chart({ title, times, lines, format, time, hour, empty, clock, look }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const shape = JSON.stringify([lines.map(({ label }) => label), look])

  useLayoutEffect(() => {
    const element = place.current
    if (!element || lines.length === 0) return
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name)
    const axis = {
      stroke: () => colour('--muted'),
      grid: { stroke: () => colour('--line'), width: 1 },
      ticks: { show: false },
    }
    const drawn = new UPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { y: false, drag: { x: false, y: false } },
        hooks: { ready: [showNow] },
        scales: {
          x: { range: ({ data: [known] }) => spanOf(known) },
          y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] },
        },
        axes: [
          {
            ...axis,
            space: 90,
            size: 28,
            values: (_plot, moments, _axis, _space, step) =>
              moments.map(moment => (step < minute ? time : hour)(moment * 1000)),
          },
          { ...axis, size: 54, values: (_plot, values) => values.map(format) },
        ],
        series: [
          {
            label: clock,
            value: (_plot, seconds: number | null) => (seconds === null ? '' : time(seconds * 1000)),
          },
          ...lines.map(({ label }, index) => ({
            label,
            stroke: () => colour(colours[index % colours.length] ?? colours[0]),
            width: 2,
            points: { show: false },
            value: (_plot: UPlot, value: number | null) => (value === null ? '' : format(value)),
          })),
        ],
      },
      dataOf(times, lines),
      element,
    )
    plot.current = drawn
    const watcher = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      drawn.destroy()
      plot.current = undefined
    }
  }, [shape])

  useLayoutEffect(() => {
    const drawn = plot.current
    drawn?.setData(dataOf(times, lines))
    if (drawn && drawn.cursor.idx == null) showNow(drawn)
  })

  return (
    <figure class="card chart">
      <figcaption>{title}</figcaption>
      {lines.length === 0 ? <p class="muted empty">{empty}</p> : <div ref={place} />}
    </figure>
  )
}

/** The legend shows the latest values until a time is pointed at. */
const showNow = (plot: UPlot) => plot.setLegend({ idx: plot.data[0].length - 1 })

const dataOf = (times: readonly number[], lines: readonly Line[]): UPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
]
