import type { Words } from './words.ts'

/** Prints the tour: headings, commands, every message with who sent and who received it, and whether each step did what it should. */
export interface Narrator {
  heading(text: string): void
  note(text: string): void
  sent(who: string, topic: string, payload: string): void
  received(who: string, topic: string, payload: string): void
  /** Prints ✓ or ✗; a ✗ is remembered. */
  check(text: string, ok: boolean): void
  readonly words: Words
  readonly checks: { readonly passed: number; readonly failed: number }
}

const widest = 150

/** `words` translates what is said; messages stand as they are. */
export function createNarrator(write: (text: string) => void, colour: boolean, words: Words): Narrator {
  const paint = (code: number, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
  const line = (who: string, arrow: string, topic: string, payload: string) =>
    write(`  ${who.padEnd(8)} ${arrow} ${paint(36, topic)} ${shortened(payload)}\n`)
  const checks = { passed: 0, failed: 0 }
  return {
    heading: text => write(`\n${paint(1, words(text))}\n`),
    note: text => write(`  ${paint(90, text)}\n`),
    sent: (who, topic, payload) => line(who, '→', topic, payload),
    received: (who, topic, payload) => line(who, '←', topic, payload),
    check: (text, ok) => {
      if (ok) checks.passed++
      else checks.failed++
      write(`  ${ok ? paint(32, '✓') : paint(31, '✗')} ${words(text)}\n`)
    },
    words,
    checks,
  }
}

/** Tokens to their first characters; everything else to what fits a line. */
function shortened(payload: string): string {
  const text = payload.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, token => `${token.slice(0, 12)}…`)
  return text.length > widest ? `${text.slice(0, widest)}… (${text.length} characters)` : text
}
