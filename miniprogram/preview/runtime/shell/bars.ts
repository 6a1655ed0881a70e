import { isJsonObject, type JsonObject } from '../../../../src/protocol/json.ts'
import type { Theme } from '../phone.ts'
import { themed } from '../theme.ts'
import { element } from './element.ts'

export interface BarsOptions {
  readonly app: JsonObject
  readonly themes: JsonObject
  readonly theme: () => Theme
  readonly words: { readonly back: string; readonly menu: string }
  readonly onBack: () => void
  readonly onTab: (pagePath: string) => void
  readonly onMenu: () => void
}

/** How the page in front wants the bars. */
export interface BarsState {
  readonly route: string
  readonly title: string
  readonly hasBack: boolean
  readonly isTab: boolean
  /** Read from the page's JSON, over the app's `window`. */
  readonly window: JsonObject
}

/** The navigation bar above a page, and the tab bar below. */
export interface Bars {
  show(state: BarsState): void
  setTitle(title: string): void
  setColors(front: string, background: string): void
  setLoading(isLoading: boolean): void
  /** Texts and icons that `wx.setTabBarItem` changes. */
  setTab(index: number, changes: JsonObject): void
  setBadge(index: number, text: string): void
  isTab(route: string): boolean
}

export function createBars({ app, themes, theme, words, onBack, onTab, onMenu }: BarsOptions): Bars {
  const title = element('strong')
  const back = element('button', { type: 'button', 'aria-label': words.back, 'data-back': '' })
  const menu = element('button', { type: 'button', 'aria-label': words.menu, 'data-menu': '' })
  const navigation = element('wx-navigation', {}, back, title, menu)
  const tabs = element('wx-tabs', { role: 'tablist' })
  const changes = new Map<number, JsonObject>()
  const badges = new Map<number, string>()
  back.addEventListener('click', onBack)
  menu.addEventListener('click', onMenu)
  document.body.append(navigation, tabs)

  const tabBar = (): JsonObject => {
    const value = themed(app.tabBar, themes, theme())
    return isJsonObject(value) ? value : {}
  }
  const tabList = () => (Array.isArray(tabBar().list) ? (tabBar().list as unknown[]) : []).filter(isJsonObject)

  function drawTabs(route: string): void {
    const { color, selectedColor, backgroundColor, borderStyle } = tabBar()
    tabs.style.background = String(backgroundColor ?? '')
    tabs.setAttribute('data-border', String(borderStyle ?? 'black'))
    tabs.replaceChildren(
      ...tabList().map((item, index) => {
        const tab = { ...item, ...changes.get(index) }
        const isSelected = item.pagePath === route
        const icon = isSelected ? tab.selectedIconPath : tab.iconPath
        const made = element('button', { type: 'button', role: 'tab', 'aria-selected': String(isSelected) })
        made.style.color = String((isSelected ? selectedColor : color) ?? '')
        if (typeof icon === 'string')
          made.append(element('img', { src: `package/${icon.replace(/^\//, '')}`, alt: '' }))
        made.append(element('span', {}, String(tab.text)))
        const badge = badges.get(index)
        if (badge) made.append(element('b', {}, badge))
        made.addEventListener('click', () => onTab(String(item.pagePath)))
        return made
      }),
    )
  }

  let state: BarsState | undefined
  function show(next: BarsState): void {
    state = next
    const { navigationBarBackgroundColor, navigationBarTextStyle, backgroundColor, navigationStyle } = asObject(
      themed(next.window, themes, theme()),
    )
    setTitle(next.title)
    setColors(navigationBarTextStyle === 'white' ? '#ffffff' : '#000000', String(navigationBarBackgroundColor ?? ''))
    document.body.style.background = String(backgroundColor ?? '')
    back.hidden = !next.hasBack
    navigation.hidden = navigationStyle === 'custom'
    tabs.hidden = !next.isTab
    setLoading(false)
    drawTabs(next.route)
  }
  function setTitle(text: string): void {
    title.textContent = text
    document.title = text
  }
  function setColors(front: string, background: string): void {
    navigation.style.color = front
    navigation.style.background = background
  }
  const setLoading = (isLoading: boolean) => void navigation.toggleAttribute('data-loading', isLoading)
  const redrawTabs = () => {
    if (state) drawTabs(state.route)
  }

  return {
    show,
    setTitle,
    setColors,
    setLoading,
    setTab(index, change) {
      changes.set(index, { ...changes.get(index), ...change })
      redrawTabs()
    },
    setBadge(index, text) {
      badges.set(index, text)
      redrawTabs()
    },
    isTab: route => tabList().some(({ pagePath }) => pagePath === route),
  }
}

const asObject = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
