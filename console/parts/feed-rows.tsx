import { useState } from 'preact/hooks'
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts'
import type { FedLine } from '../connection/create-line-feed.ts'
import { useConsole } from '../use-console.ts'
import { VirtualRows } from './virtual-rows.tsx'
import { visibleText } from './visible-text.ts'

interface Props {
  readonly label: string
  readonly lines: readonly FedLine[]
  readonly empty: string
  /** How severe a line is, and the parts that come first. */
  readonly head: (fields: JsonObject) => {
    readonly tone: string
    readonly time: string
    readonly name: string
    readonly text: string
  }
}

/** How many characters of a value the details of a line show at most. */
const maxValueLength = 70_000

/** Lines as they come, each with details that can be opened. Everything in them is shown as text. */
export function FeedRows({ label, lines, empty, head }: Props) {
  const { texts } = useConsole()
  const [chosen, setChosen] = useState<FedLine>()
  if (lines.length === 0) return <p class="muted feed-empty">{empty}</p>
  return (
    <div class="feed">
      <VirtualRows
        label={label}
        rows={lines}
        keyOf={({ key }) => key}
        draw={line => {
          const { tone, time, name, text } = head(line.fields)
          return (
            <button
              type="button"
              class={`line ${tone}`}
              aria-pressed={chosen?.key === line.key}
              onClick={() => setChosen(line)}
            >
              <span class="line-time">{time}</span>
              <span class="line-name">{visibleText(name, 40)}</span>
              <bdi class="line-text">{visibleText(text)}</bdi>
            </button>
          )
        }}
      />
      <aside class="details" aria-label={texts.logs.line}>
        {chosen ? (
          <dl>
            {Object.entries(chosen.fields).map(([key, value]) => (
              <div key={key}>
                <dt>{visibleText(key, 60)}</dt>
                <dd>
                  <bdi>{visibleText(textOf(value), maxValueLength)}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        ) : (
          <p class="muted">{texts.logs.choose}</p>
        )}
      </aside>
    </div>
  )
}

/** Fields that say the most, in the order in which they are read; the others follow them. */
const first = ['username', 'deviceId', 'operation', 'code', 'rule', 'topic', 'reason', 'clientId']
const last = ['principal', 'address']
const placeOf = (key: string): number => (first.includes(key) ? first.indexOf(key) : last.includes(key) ? 99 : 50)

/** The fields of a line as one text, except some. */
export const valuesOf = (fields: JsonObject, without: readonly string[]): string =>
  Object.entries(fields)
    .filter(([key]) => !without.includes(key))
    .sort(([a], [b]) => placeOf(a) - placeOf(b))
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(' ')

/** Text as it is; anything else as JSON. */
export const textOf = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
