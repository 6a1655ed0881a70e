import type { Theme } from './phone.ts'
import { styleFor } from './theme.ts'

/** The style sheets of the mini-program in the document, each once, and in the theme of the phone. */
export interface StyleSheets {
  append(css: string): void
  setTheme(theme: Theme): void
}

export function createStyleSheets(theme: Theme): StyleSheets {
  const sheets = new Map<string, HTMLStyleElement>()
  let current = theme
  return {
    append(css) {
      if (css === '' || sheets.has(css)) return
      const element = document.createElement('style')
      element.textContent = styleFor(css, current)
      document.head.append(element)
      sheets.set(css, element)
    },
    setTheme(next) {
      current = next
      for (const [css, element] of sheets) element.textContent = styleFor(css, current)
    },
  }
}
