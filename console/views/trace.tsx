import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { JsonObject } from '../../src/protocol/json.ts'
import type { DataOf } from '../../src/protocol/operations.ts'
import { createLineFeed } from '../connection/create-line-feed.ts'
import { FeedRows, textOf, valuesOf } from '../parts/feed-rows.tsx'
import { Select, TextField } from '../parts/field.tsx'
import { createFormat } from '../parts/format.ts'
import { failureText, useConsole } from '../use-console.ts'

const kinds = ['client', 'user', 'device'] as const
type Kind = (typeof kinds)[number]
const placed = ['at', 'what']
const refusals = ['connection-refused', 'publish-refused', 'subscribe-refused']

/** Follows one client, user or device. */
export function Trace() {
  const { link, route, texts, language } = useConsole()
  const { query } = route.value
  const [kind, setKind] = useState<Kind>(kinds.find(each => each === query.get('kind')) ?? 'client')
  const [id, setId] = useState(query.get('id') ?? '')
  const [minutes, setMinutes] = useState('5')
  const [failure, setFailure] = useState('')
  const [trace, setTrace] = useState<DataOf<'ops/trace'>>()
  const feed = useMemo(() => createLineFeed({ soon: requestAnimationFrame }), [])
  const words = texts.trace
  const format = createFormat(language)

  useLayoutEffect(() => (trace ? link.follow([trace.topic], feed.take) : undefined), [trace])

  async function start(): Promise<void> {
    setFailure('')
    const answer = await link.ask('ops/trace', { [kind]: id, minutes: Number(minutes) })
    if (!answer.ok) return setFailure(failureText(answer, texts, language))
    feed.clear()
    setTrace(answer.data)
  }

  function head(fields: JsonObject) {
    const what = textOf(fields.what)
    return {
      tone: refusals.includes(what) ? 'warn' : 'info',
      time: typeof fields.at === 'number' ? format.time(fields.at) : '',
      name: what,
      text: what === 'ended' ? words.ended : valuesOf(fields, placed),
    }
  }

  return (
    <section class="card fill">
      <p class="muted">{words.lead}</p>
      <form
        class="bar"
        onSubmit={event => {
          event.preventDefault()
          void start()
        }}
      >
        <Select
          label={words.kind}
          value={kind}
          options={kinds.map(each => [each, words.kinds[each]])}
          onChange={setKind}
        />
        <TextField label={words.id} value={id} onInput={setId} required />
        <TextField label={words.minutes} inputMode="numeric" value={minutes} onInput={setMinutes} required />
        <button type="submit" class="primary">
          {words.start}
        </button>
        {trace && (
          <>
            <button type="button" onClick={() => setTrace(undefined)}>
              {words.stop}
            </button>
            <span class="muted small">{words.until(format.time(trace.until))}</span>
          </>
        )}
      </form>
      {failure && <p class="failure">{failure}</p>}
      <FeedRows
        label={texts.pages.trace}
        lines={feed.lines.value}
        empty={trace ? words.waiting : words.begin}
        head={head}
      />
    </section>
  )
}
