import { useEffect, useState } from 'preact/hooks'
import { Chart } from '../parts/chart.tsx'
import { createFormat } from '../parts/format.ts'
import { Tile } from '../parts/tile.tsx'
import { failureText, useConsole } from '../use-console.ts'
import {
  level,
  type MetricsSample,
  perMinute,
  rate,
  refusalsByRule,
  signInsByCode,
  timesOf,
  withSample,
} from './samples.ts'

const sampleEveryMs = 2000

/** How the broker is doing, now and since the page was opened. */
export function Overview() {
  const { link, texts, language, preferences } = useConsole()
  const [samples, setSamples] = useState<readonly MetricsSample[]>([])
  const [failure, setFailure] = useState('')
  const isOnline = link.status.value === 'online'

  useEffect(() => {
    if (!isOnline) return
    let isOver = false
    const ask = async () => {
      const answer = await link.ask('ops/metrics', {})
      if (isOver) return
      setFailure(answer.ok ? '' : failureText(answer, texts, language))
      if (answer.ok) setSamples(known => withSample(known, answer.data))
    }
    void ask()
    const timer = setInterval(() => void ask(), sampleEveryMs)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [isOnline, language])

  const words = texts.overview
  const format = createFormat(language)
  const last = samples.at(-1)
  if (failure) return <p class="failure">{failure}</p>
  if (!last) return <p class="muted">{texts.common.loading}</p>

  const kinds = ['guest', 'user', 'operator', 'device', 'service'] as const
  const connections = kinds.reduce((sum, kind) => sum + last.connections[kind], 0)
  const rates = {
    in: rate(words.in, samples, ({ messages }) => messages.in),
    out: rate(words.out, samples, ({ messages }) => messages.out),
    bytesIn: rate('', samples, ({ bytes }) => bytes.in),
    bytesOut: rate('', samples, ({ bytes }) => bytes.out),
  }
  const now = (line: (typeof rates)['in']) => line.values.at(-1) ?? 0
  const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`
  const shared = {
    times: timesOf(samples),
    empty: words.none,
    clock: words.time,
    look: `${language} ${preferences.theme.value}`,
    format: format.rate,
    time: format.time,
    hour: format.hour,
  }
  const signIns = perMinute(samples, signInsByCode).map(line =>
    line.label === '0' ? { ...line, label: words.codes[0] } : line,
  )
  return (
    <>
      <div class="tiles">
        <Tile label={words.connections} value={format.whole(connections)} more={words.away(last.storedSessions)} />
        <Tile
          label={words.messagesIn}
          value={words.perSecond(format.rate(now(rates.in)))}
          more={words.perSecond(format.bytes(now(rates.bytesIn)))}
        />
        <Tile
          label={words.messagesOut}
          value={words.perSecond(format.rate(now(rates.out)))}
          more={`${words.perSecond(format.bytes(now(rates.bytesOut)))} · ${words.dropped(last.dropped)}`}
        />
        <Tile
          label={words.eventLoop}
          value={milliseconds(last.eventLoopDelay.p99)}
          more={`p99 · max ${milliseconds(last.eventLoopDelay.max)}`}
        />
        <Tile
          label={words.memory}
          value={format.bytes(last.memory.rss)}
          more={words.heap(format.bytes(last.memory.heapUsed))}
        />
        <Tile
          label={words.uptime}
          value={format.duration(last.at - last.startedAt)}
          more={words.since(format.moment(last.startedAt))}
        />
      </div>
      <div class="charts">
        <Chart
          {...shared}
          title={words.charts.connections}
          lines={kinds.map(kind => level(texts.kinds[kind], samples, sample => sample.connections[kind]))}
        />
        <Chart {...shared} title={words.charts.messages} lines={[rates.in, rates.out]} />
        <Chart {...shared} title={words.charts.signIns} lines={signIns} />
        <Chart {...shared} title={words.charts.refusals} lines={perMinute(samples, refusalsByRule)} />
        <Chart
          {...shared}
          title={words.charts.eventLoop}
          lines={(['p50', 'p99', 'max'] as const).map(part =>
            level(part, samples, ({ eventLoopDelay }) => eventLoopDelay[part] * 1000),
          )}
        />
        <Chart
          {...shared}
          title={words.charts.memory}
          lines={(['rss', 'heapUsed'] as const).map(part => level(part, samples, ({ memory }) => memory[part] / 1e6))}
        />
      </div>
      <p class="muted small">{words.gathering}</p>
    </>
  )
}
