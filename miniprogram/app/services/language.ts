import type { Locale } from '../../../src/protocol/codes.ts'
import type { Platform } from './platform.ts'

/** The person's choice: a language, or that of the phone. */
export type LanguageChoice = Locale | 'auto'

/** The language of the mini-program. */
export interface Language {
  readonly locale: Locale
  readonly choice: LanguageChoice
  choose(choice: LanguageChoice): void
  /** Calls back after every change of `locale`. Returns a function that ends it. */
  onChange(listener: () => void): () => void
}

const key = 'language'

/** Remembers the choice in the phone's storage. For every language but Chinese the texts are English. */
export function createLanguage(platform: Pick<Platform, 'storage' | 'language'>): Language {
  const listeners = new Set<() => void>()
  const ofPhone = (): Locale => (/^zh/i.test(platform.language()) ? 'zh-CN' : 'en')
  const stored = platform.storage.get(key)
  let choice: LanguageChoice = stored === 'en' || stored === 'zh-CN' ? stored : 'auto'

  return {
    get locale() {
      return choice === 'auto' ? ofPhone() : choice
    },
    get choice() {
      return choice
    },
    choose(wanted) {
      choice = wanted
      if (wanted === 'auto') platform.storage.remove(key)
      else platform.storage.set(key, wanted)
      for (const listener of [...listeners]) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
