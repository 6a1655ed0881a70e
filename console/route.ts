import { type Signal, signal } from '@preact/signals'

export const pages = ['overview', 'logs', 'sessions', 'users', 'devices', 'trace', 'audit', 'explain'] as const
export type Page = (typeof pages)[number]

/** Which page is shown, and its initial values: `#/trace?kind=client&id=lamp-1`. */
export interface Route {
  readonly page: Page
  readonly query: URLSearchParams
}

/** The route of a location's hash; the overview when it names none. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  return { page: pages.find(page => page === path) ?? 'overview', query: new URLSearchParams(query) }
}

/** The hash that {@link parseRoute} takes apart. */
export const routeTo = (page: Page, query: Readonly<Record<string, string>> = {}): string => {
  const text = new URLSearchParams(query).toString()
  return text ? `#/${page}?${text}` : `#/${page}`
}

/** The part of a window that is needed here. */
interface Addressed {
  readonly location: { readonly hash: string }
  addEventListener(name: 'hashchange', listener: () => void): void
}

/** The route of the window, as it changes. */
export function watchRoute(view: Addressed): Signal<Route> {
  const route = signal(parseRoute(view.location.hash))
  view.addEventListener('hashchange', () => {
    route.value = parseRoute(view.location.hash)
  })
  return route
}
