import type { PageHost, PageView } from './page-host.ts'

/** How a page was requested. */
export interface Destination {
  readonly route: string
  readonly query: Readonly<Record<string, string>>
}

export interface PageStackOptions {
  readonly host: PageHost
  readonly isPage: (route: string) => boolean
  readonly isTab: (route: string) => boolean
  /** Told when another page is in front. */
  readonly changed: (page: PageView, depth: number) => void
}

/** The open pages, as `wx.navigateTo` and similar calls change them. A refusal is thrown with WeChat's words. */
export interface PageStack {
  readonly pages: readonly PageView[]
  /** The page in front; throws before the first is open. */
  front(): PageView
  navigateTo(url: string): void
  redirectTo(url: string): void
  reLaunch(url: string): void
  switchTab(url: string): void
  navigateBack(delta: number): void
}

const maxDepth = 10

export function createPageStack({ host, isPage, isTab, changed }: PageStackOptions): PageStack {
  let pages: PageView[] = []
  /** Tab pages live on behind one another. */
  const tabs = new Map<string, PageView>()

  const front = (): PageView => {
    const page = pages.at(-1)
    if (!page) throw new Error('no page is open yet')
    return page
  }
  const find = (url: string): Destination => {
    const destination = parseUrl(url, pages.at(-1)?.route ?? '')
    if (!isPage(destination.route)) throw new Error(`page "${url.replace(/^\//, '')}" is not found`)
    return destination
  }
  const show = (page: PageView) => {
    host.bringToFront(page)
    changed(page, pages.length)
    page.show()
  }
  const open = ({ route, query }: Destination) => {
    const page = host.open(route, query)
    pages = [...pages, page]
    if (isTab(route)) tabs.set(route, page)
    page.load()
    // Its onLoad may already have opened another page.
    if (pages.at(-1) === page) show(page)
  }
  const close = (page: PageView) => {
    tabs.delete(page.route)
    page.close()
  }

  return {
    get pages() {
      return pages
    },
    front,
    navigateTo(url) {
      const destination = find(url)
      if (isTab(destination.route)) throw new Error('can not navigateTo a tabbar page')
      if (pages.length >= maxDepth) throw new Error('webview count limit exceed')
      front().hide()
      open(destination)
    },
    redirectTo(url) {
      const destination = find(url)
      if (isTab(destination.route)) throw new Error('can not redirectTo a tabbar page')
      close(front())
      pages = pages.slice(0, -1)
      open(destination)
    },
    reLaunch(url) {
      const destination = find(url)
      for (const page of new Set([...pages, ...tabs.values()])) close(page)
      pages = []
      open(destination)
    },
    switchTab(url) {
      const { route } = find(url)
      if (!isTab(route)) throw new Error('can not switch to no-tabBar page')
      const before = pages.at(-1)
      if (before && isTab(before.route) && before.route !== route) before.hide()
      for (const page of pages.filter(({ route: other }) => !isTab(other))) close(page)
      const known = tabs.get(route)
      if (known && known === before) return
      pages = known ? [known] : []
      if (known) show(known)
      else open({ route, query: {} })
    },
    navigateBack(delta) {
      if (pages.length < 2) throw new Error('cannot navigate back at first page.')
      const keep = Math.max(1, pages.length - Math.max(1, delta))
      for (const page of pages.slice(keep).reverse()) close(page)
      pages = pages.slice(0, keep)
      show(front())
    },
  }
}

/** `path?a=1&b=2`, relative to the page `from` unless it begins with a slash. Values stay as they are written, as in WeChat. */
export function parseUrl(url: string, from: string): Destination {
  const [path = '', search = ''] = url.split('?', 2)
  const route = new URL(path, `http://phone/${from}`).pathname.slice(1)
  const query = search
    .split('&')
    .filter(pair => pair !== '')
    .map(pair => {
      const [name = '', ...value] = pair.split('=')
      return [name, value.join('=')] as const
    })
  return { route, query: Object.fromEntries(query) }
}
