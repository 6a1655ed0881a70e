import { computed, effect, signal } from '@preact/signals'
import { en } from './en.ts'
import { zhCn } from './zh-cn.ts'

export const languages = { en, 'zh-CN': zhCn } as const
export type Language = keyof typeof languages
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What a person has chosen, for as long as the page is open; it begins with the browser's settings. Nothing is stored. */
export function createPreferences(browserLanguages: readonly string[], page: HTMLElement) {
  const first = browserLanguages.find(tag => /^(en|zh)\b/.test(tag)) ?? 'en'
  const language = signal<Language>(first.startsWith('zh') ? 'zh-CN' : 'en')
  const theme = signal<Theme>('system')
  effect(() => {
    page.lang = language.value
    page.dataset.theme = theme.value
  })
  return { language, theme, texts: computed(() => languages[language.value]) }
}

export type Preferences = ReturnType<typeof createPreferences>
