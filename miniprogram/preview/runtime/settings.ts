import type { Theme } from './phone.ts'

/** What the address of app.html asks for: `?user=alice&language=en&theme=dark#pages/home/home`. */
export interface Settings {
  /** The WeChat user whose phone this is. */
  readonly user: string
  readonly language: string
  /** That of the browser when not given. */
  readonly theme: Theme | undefined
  /** What the next scan reads; the person is asked when it is not given. */
  readonly scan: string | undefined
  /** The page to open first, with its query; the app's first when empty. */
  readonly page: string
}

/** A user's name stands in a login code between colons. */
const userPattern = /^[\w.@ -]{1,64}$/u

export function readSettings(
  address: { readonly search: string; readonly hash: string },
  languages: readonly string[],
): Settings {
  const query = new URLSearchParams(address.search)
  const user = query.get('user') ?? ''
  const theme = query.get('theme')
  const [preferred = 'zh-CN'] = languages
  return {
    user: userPattern.test(user) ? user : 'alice',
    language: query.get('language') ?? (preferred.startsWith('zh') ? 'zh_CN' : preferred.slice(0, 2)),
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    scan: query.get('scan') || undefined,
    page: address.hash.replace(/^#\/?/, ''),
  }
}
