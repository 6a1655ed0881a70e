import { useState } from 'preact/hooks'
import type { DataOf } from '../../src/protocol/operations.ts'
import { Select, TextField } from '../parts/field.tsx'
import { visibleText } from '../parts/visible-text.ts'
import { failureText, useConsole } from '../use-console.ts'

const whos = ['user', 'device', 'session', 'guest'] as const
const actions = ['publish', 'subscribe', 'deliver'] as const

/** Whether somebody may do something, and the rule that says so. */
export function Explain() {
  const { link, route, texts, language } = useConsole()
  const { query } = route.value
  const [who, setWho] = useState<(typeof whos)[number]>(whos.find(each => each === query.get('who')) ?? 'user')
  const [id, setId] = useState(query.get('id') ?? '')
  const [action, setAction] = useState<(typeof actions)[number]>('publish')
  const [topic, setTopic] = useState('')
  const [answer, setAnswer] = useState<DataOf<'ops/explain'>>()
  const [failure, setFailure] = useState('')
  const words = texts.explain

  async function ask(): Promise<void> {
    const found = await link.ask('ops/explain', { [action]: topic, ...(who !== 'guest' && { [who]: id }) })
    setAnswer(found.ok ? found.data : undefined)
    setFailure(found.ok ? '' : failureText(found, texts, language))
  }

  return (
    <section class="card">
      <p class="muted">{words.lead}</p>
      <form
        class="bar"
        onSubmit={event => {
          event.preventDefault()
          void ask()
        }}
      >
        <Select label={words.who} value={who} options={whos.map(each => [each, words.whos[each]])} onChange={setWho} />
        {who !== 'guest' && <TextField label={words.id} value={id} onInput={setId} required />}
        <Select
          label={words.action}
          value={action}
          options={actions.map(each => [each, words.actions[each]])}
          onChange={setAction}
        />
        <TextField label={words.topic} value={topic} onInput={setTopic} placeholder="devices/lamp-1/set" required />
        <button type="submit" class="primary">
          {words.submit}
        </button>
      </form>
      {failure && <p class="failure">{failure}</p>}
      {answer && (
        <div class={`verdict ${answer.allowed ? 'good' : 'bad'}`} role="status">
          <strong>{answer.allowed ? words.allowed : words.refused}</strong>
          <dl>
            <dt>{words.rule}</dt>
            <dd>
              <code>{answer.rule}</code>
            </dd>
            <dt>{words.because}</dt>
            <dd>{answer.because}</dd>
            <dt>{words.as}</dt>
            <dd>
              <bdi>{visibleText(answer.as)}</bdi>
            </dd>
            {answer.role !== undefined && (
              <>
                <dt>{words.role}</dt>
                <dd>{answer.role ?? '–'}</dd>
              </>
            )}
            {answer.notes.length > 0 && (
              <>
                <dt>{words.notes}</dt>
                <dd>{answer.notes.join(', ')}</dd>
              </>
            )}
          </dl>
        </div>
      )}
    </section>
  )
}
