import type { Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { RefusalCode } from '../src/protocol/codes.ts'
import { messageOf } from '../src/protocol/codes.ts'
import type { Link, SignInFailure } from './connection/create-link.ts'
import type { Route } from './route.ts'
import type { Texts } from './texts/en.ts'
import type { Language, Preferences } from './texts/preferences.ts'

/** What every view works with. */
export interface Console {
  readonly link: Link
  readonly preferences: Preferences
  readonly route: Signal<Route>
  /** What was done last, or why it was not done: announced once, to screen readers too. */
  readonly notice: Signal<{ readonly text: string; readonly isBad: boolean } | undefined>
}

export const ConsoleContext = createContext<Console | undefined>(undefined)

/** The console that contains a view, with its texts. */
export function useConsole(): Console & { readonly texts: Texts; readonly language: Language } {
  const found = useContext(ConsoleContext)
  if (!found) throw new Error('a view stands outside the console')
  return { ...found, texts: found.preferences.texts.value, language: found.preferences.language.value }
}

/** Why something was not done, in words: the console's own where it has better ones, else those of the reply code. */
export function failureText(failure: SignInFailure, texts: Texts, language: Language): string {
  const own: Readonly<Record<string, string>> = texts.failures
  const text = own[failure.code] ?? `${messageOf(failure.code as RefusalCode, language)} (${failure.code})`
  return 'retryAfter' in failure && failure.retryAfter !== undefined
    ? text + texts.retryAfter(failure.retryAfter)
    : text
}
