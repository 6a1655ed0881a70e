import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { JsonObject } from '../../src/protocol/json.ts'
import { type LogLevel, type LogModule, logLevels, logModules } from '../../src/protocol/log-topic.ts'
import { topics } from '../../src/protocol/topics.ts'
import { createLineFeed } from '../connection/create-line-feed.ts'
import { FeedRows, textOf, valuesOf } from '../parts/feed-rows.tsx'
import { Select, TextField } from '../parts/field.tsx'
import { createFormat } from '../parts/format.ts'
import { useConsole } from '../use-console.ts'

/** Fields that are shown elsewhere in a line, or say nothing to a reader. */
const placed = ['time', 'level', 'module', 'event', 'msg']

/** The broker's log as it happens. */
export function Logs() {
  const { link, route, texts, language } = useConsole()
  const [level, setLevel] = useState<LogLevel>('info')
  const [module, setModule] = useState<LogModule | 'all'>('all')
  const [search, setSearch] = useState(route.value.query.get('text') ?? '')
  const feed = useMemo(() => createLineFeed({ soon: requestAnimationFrame }), [])
  const words = texts.logs
  const format = createFormat(language)

  // Subscribed before the page is shown, so that it misses nothing.
  useLayoutEffect(() => {
    const wanted = logLevels.slice(logLevels.indexOf(level))
    return link.follow(
      wanted.map(each => topics.log(each, module === 'all' ? '+' : module)),
      feed.take,
    )
  }, [level, module])

  const all = feed.lines.value
  const sought = search.trim().toLowerCase()
  const shown = useMemo(() => (sought ? all.filter(({ text }) => text.includes(sought)) : all), [all, sought])
  const held = feed.held.value

  function head(fields: JsonObject) {
    const missed = fields.event === 'lines-missed' && typeof fields.count === 'number'
    return {
      tone: missed ? 'warn' : toneOf(fields.level),
      time: typeof fields.time === 'string' ? format.time(Date.parse(fields.time) || 0) : '',
      name: textOf(fields.event),
      text: missed ? words.missed(Number(fields.count)) : valuesOf(fields, placed),
    }
  }

  return (
    <section class="card fill">
      <div class="bar">
        <Select label={words.level} value={level} options={logLevels.map(each => [each, each])} onChange={setLevel} />
        <Select
          label={words.module}
          value={module}
          options={[['all', texts.common.all], ...logModules.map(each => [each, each] as const)]}
          onChange={setModule}
        />
        <TextField label={words.filter} type="search" value={search} onInput={setSearch} />
        <span class="grow" />
        <span class="muted small" aria-live="polite">
          {held !== undefined && held > 0 ? words.held(held) : words.count(shown.length, all.length)}
        </span>
        <button type="button" aria-pressed={held !== undefined} onClick={held === undefined ? feed.pause : feed.goOn}>
          {held === undefined ? words.pause : words.goOn}
        </button>
        <button type="button" onClick={feed.clear}>
          {words.clear}
        </button>
      </div>
      <FeedRows
        label={texts.pages.logs}
        lines={shown}
        empty={all.length > 0 ? texts.common.noMatch : words.waiting}
        head={head}
      />
    </section>
  )
}

const toneOf = (level: unknown): string => {
  const [grave, known] = [['error', 'fatal'], logLevels].map(levels => levels.find(each => each === level))
  return grave ? 'bad' : (known ?? 'info')
}
