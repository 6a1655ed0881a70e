import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answer } from '../../src/protocol/requests.ts'
import { failureText, useConsole } from '../use-console.ts'
import { TextField } from './field.tsx'
import { createFormat } from './format.ts'

export interface Column<Row, Order extends string> {
  readonly title: string
  readonly draw: (row: Row) => ComponentChildren
  /** What the broker can order by; a column without it has no button. */
  readonly order?: Order
  readonly isNumber?: boolean
}

export interface Asked<Order extends string> {
  readonly search?: string
  readonly offset: number
  readonly limit: number
  readonly sort?: Order
  readonly descending?: boolean
}

interface Props<Row, Order extends string> {
  readonly label: string
  readonly columns: readonly Column<Row, Order>[]
  readonly keyOf: (row: Row) => string
  /** One page from the broker, which searches and sorts. */
  readonly fetch: (asked: Asked<Order>) => Promise<Answer<{ readonly total: number; readonly rows: readonly Row[] }>>
  /** Anything else on which the page depends: filters, and a count of actions on rows. */
  readonly depends: string
  readonly search?: string
  readonly filters?: ComponentChildren
  readonly actions?: (row: Row) => ComponentChildren
}

const pageSize = 50
const againEveryMs = 5000

/** A list of the broker, which searches, sorts and gives pages: so ten thousand rows cost as much as fifty. */
export function Listing<Row, Order extends string = never>(props: Props<Row, Order>) {
  const { label, columns, keyOf, fetch, depends, filters, actions } = props
  const { link, texts, language } = useConsole()
  const [search, setSearch] = useState(props.search ?? '')
  const [offset, setOffset] = useState(0)
  const [order, setOrder] = useState<{ readonly sort: Order; readonly descending: boolean }>()
  const [shown, setShown] = useState<{ readonly total: number; readonly rows: readonly Row[] }>()
  const [failure, setFailure] = useState('')
  const asked = useRef(0)
  const isOnline = link.status.value === 'online'

  async function load(): Promise<void> {
    const mine = ++asked.current
    const answer = await fetch({ ...(search && { search }), offset, limit: pageSize, ...order })
    if (mine !== asked.current) return // another page was asked for meanwhile
    setFailure(answer.ok ? '' : failureText(answer, texts, language))
    if (!answer.ok) return
    setShown(answer.data)
    if (answer.data.rows.length === 0 && offset > 0) setOffset(0)
  }

  useEffect(() => setOffset(0), [search, depends])
  useEffect(() => {
    if (!isOnline) return
    void load()
    const timer = setInterval(() => void load(), againEveryMs)
    return () => {
      clearInterval(timer)
      asked.current++
    }
  }, [search, offset, order, depends, isOnline, language])

  const toggle = (sort: Order) => setOrder({ sort, descending: order?.sort === sort && !order.descending })
  const { total, rows } = shown ?? { total: 0, rows: [] }
  return (
    <section class="card listing">
      <div class="bar">
        <TextField label={texts.common.search} type="search" value={search} onInput={setSearch} />
        {filters}
        <span class="grow" />
        <Pager offset={offset} shown={rows.length} total={total} onMove={setOffset} />
      </div>
      {failure && <p class="failure">{failure}</p>}
      <div class="scroll">
        <table aria-label={label} aria-busy={!shown}>
          <thead>
            <tr>
              {columns.map(({ title, order: by, isNumber }) => (
                <th key={title} scope="col" class={isNumber ? 'number' : ''} aria-sort={sorted(order, by)}>
                  {by ? (
                    <button type="button" onClick={() => toggle(by)}>
                      {title}
                    </button>
                  ) : (
                    title
                  )}
                </th>
              ))}
              {actions && (
                <th scope="col">
                  <span class="unseen">{texts.common.actions}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={keyOf(row)}>
                {columns.map(({ title, draw, isNumber }) => (
                  <td key={title} class={isNumber ? 'number' : ''}>
                    <bdi>{draw(row)}</bdi>
                  </td>
                ))}
                {actions && <td class="actions">{actions(row)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && !failure && (
        <p class="muted empty">
          {!shown ? texts.common.loading : search ? texts.common.noMatch : texts.common.nothing}
        </p>
      )}
    </section>
  )
}

function sorted(order: { readonly sort: string; readonly descending: boolean } | undefined, by: string | undefined) {
  if (!by || order?.sort !== by) return 'none'
  return order.descending ? 'descending' : 'ascending'
}

interface PagerProps {
  readonly offset: number
  readonly shown: number
  readonly total: number
  readonly onMove: (offset: number) => void
}

function Pager({ offset, shown, total, onMove }: PagerProps) {
  const { texts, language } = useConsole()
  const { common } = texts
  const { whole } = createFormat(language)
  return (
    <div class="pager">
      <span aria-live="polite">{total > 0 && common.of(whole(offset + 1), whole(offset + shown), whole(total))}</span>
      <button
        type="button"
        aria-label={common.previous}
        disabled={offset === 0}
        onClick={() => onMove(Math.max(0, offset - pageSize))}
      >
        ‹
      </button>
      <button
        type="button"
        aria-label={common.next}
        disabled={offset + shown >= total}
        onClick={() => onMove(offset + pageSize)}
      >
        ›
      </button>
    </div>
  )
}
