import { type ReadonlySignal, signal } from '@preact/signals'
import { isJsonObject, type JsonObject } from '../../src/protocol/json.ts'

/** A line as it came, with a number of its own. */
export interface FedLine {
  readonly key: number
  readonly fields: JsonObject
  /** The whole line as text, in lower case, for searching. */
  readonly text: string
}

/** The newest lines of something that may come faster than it can be drawn. */
export interface LineFeed {
  readonly lines: ReadonlySignal<readonly FedLine[]>
  /** How many came while it was paused; undefined while it is not paused. Those that fit are shown when it goes on. */
  readonly held: ReadonlySignal<number | undefined>
  /** Takes the payload of a message; ignores one that is no JSON object. Never throws. */
  take(payload: string): void
  pause(): void
  goOn(): void
  clear(): void
}

interface Options {
  /** Runs `draw` once, soon: `requestAnimationFrame`. */
  readonly soon: (draw: () => void) => void
  /** How many lines are kept. */
  readonly most?: number
}

export function createLineFeed({ soon, most = 5000 }: Options): LineFeed {
  const lines = signal<readonly FedLine[]>([])
  const held = signal<number | undefined>(undefined)
  let waiting: FedLine[] = []
  let isAsked = false
  let last = 0

  function draw(): void {
    isAsked = false
    if (held.value !== undefined || waiting.length === 0) return
    lines.value = [...lines.value, ...waiting].slice(-most)
    waiting = []
  }

  function ask(): void {
    if (isAsked) return
    isAsked = true
    soon(draw)
  }

  return {
    lines,
    held,
    take(payload) {
      const fields = parseObject(payload)
      if (!fields) return
      waiting.push({ key: ++last, fields, text: payload.toLowerCase() })
      if (waiting.length > 2 * most) waiting = waiting.slice(-most) // a tab in the background does not draw
      if (held.value !== undefined) held.value++
      else ask()
    },
    pause() {
      held.value ??= 0
    },
    goOn() {
      held.value = undefined
      ask()
    },
    clear() {
      waiting = []
      lines.value = []
      if (held.value !== undefined) held.value = 0
    },
  }
}

function parseObject(payload: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
