import { useEffect, useRef, useState } from 'preact/hooks'
import { type AuditKind, type AuditRow, auditKinds } from '../../src/protocol/operations/audit.ts'
import { Select, TextField } from '../parts/field.tsx'
import { createFormat } from '../parts/format.ts'
import { visibleText } from '../parts/visible-text.ts'
import { failureText, useConsole } from '../use-console.ts'
import { exportAudit } from './export-audit.ts'

const hourMs = 3_600_000
const spans = {
  '1h': hourMs,
  '24h': 24 * hourMs,
  '7d': 168 * hourMs,
  '30d': 720 * hourMs,
  all: Number.POSITIVE_INFINITY,
}
type Span = keyof typeof spans

/** The audit trail, newest first. */
export function Audit() {
  const { link, route, notice, texts, language } = useConsole()
  const [span, setSpan] = useState<Span>('7d')
  const [kind, setKind] = useState<AuditKind | 'all'>('all')
  const [who, setWho] = useState(route.value.query.get('who') ?? '')
  const [entries, setEntries] = useState<readonly AuditRow[]>()
  const [next, setNext] = useState<number | null>(null)
  const [failure, setFailure] = useState('')
  const [isExporting, setExporting] = useState(false)
  const asked = useRef(0)
  const isOnline = link.status.value === 'online'
  const words = texts.audit
  const format = createFormat(language)
  const filters = () => ({
    ...(span !== 'all' && { since: Math.floor(Date.now() - spans[span]) }),
    ...(kind !== 'all' && { kind }),
    ...(who && { who }),
  })

  async function load(before?: number): Promise<void> {
    const mine = ++asked.current
    const answer = await link.ask('ops/audit', { ...filters(), ...(before !== undefined && { before }) })
    if (mine !== asked.current) return
    setFailure(answer.ok ? '' : failureText(answer, texts, language))
    if (!answer.ok) return
    setEntries(known => [...(before === undefined ? [] : (known ?? [])), ...answer.data.entries])
    setNext(answer.data.next)
  }

  useEffect(() => {
    if (isOnline) void load()
  }, [span, kind, who, isOnline])

  async function save(): Promise<void> {
    setExporting(true)
    const failed = await exportAudit(link, filters(), document)
    setExporting(false)
    if (failed) notice.value = { text: failureText(failed, texts, language), isBad: true }
  }

  const party = (id: string | undefined, name: string | undefined) =>
    id === undefined ? '' : <span title={visibleText(id)}>{visibleText(name ?? id)}</span>
  return (
    <section class="card listing">
      <div class="bar">
        <Select
          label={words.since}
          value={span}
          options={(['1h', '24h', '7d', '30d', 'all'] as const).map(each => [each, words.spans[each]])}
          onChange={setSpan}
        />
        <Select
          label={words.kind}
          value={kind}
          options={[['all', texts.common.all], ...auditKinds.map(each => [each, each] as const)]}
          onChange={setKind}
        />
        <TextField label={words.who} type="search" value={who} onInput={setWho} />
        <span class="grow" />
        <button type="button" disabled={isExporting} onClick={() => void save()}>
          {isExporting ? words.exporting : words.exportAll}
        </button>
      </div>
      {failure && <p class="failure">{failure}</p>}
      <div class="scroll">
        <table aria-label={texts.pages.audit} aria-busy={!entries}>
          <thead>
            <tr>
              {[words.at, words.kind, words.by, words.from, words.target, words.detail].map(title => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries?.map(({ id, at, kind: done, by, byName, address, clientId, target, targetName, detail }) => (
              <tr key={id}>
                <td>{format.moment(at)}</td>
                <td>
                  <span class={`mark ${/refus/.test(done) ? 'bad' : ''}`}>{done}</span>
                </td>
                <td>
                  <bdi>{party(by, byName)}</bdi>
                </td>
                <td>
                  <bdi title={visibleText(clientId ?? '')}>{visibleText(address ?? '')}</bdi>
                </td>
                <td>
                  <bdi>{party(target, targetName)}</bdi>
                </td>
                <td>
                  <bdi>{visibleText(detail ?? '')}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {entries?.length === 0 && <p class="muted empty">{texts.common.nothing}</p>}
      {!entries && !failure && <p class="muted empty">{texts.common.loading}</p>}
      {next !== null && (
        <button type="button" class="more" onClick={() => void load(next)}>
          {words.more}
        </button>
      )}
    </section>
  )
}
