import { isJsonObject } from '../../../../src/protocol/json.ts'
import { isRecord, numberIn, textIn } from '../options.ts'
import type { PageStack } from '../page-stack.ts'
import type { Bars } from '../shell/bars.ts'
import type { Apis } from './apis.ts'

export interface PageApisOptions {
  readonly stack: () => PageStack
  readonly bars: () => Bars
}

/** Functions that act on the page in front and the bars around it. */
export function pageApis({ create }: Apis, { stack, bars }: PageApisOptions): Record<string, unknown> {
  const tabOf = (options: unknown) => numberIn(options, 'index', 0)
  return {
    setNavigationBarTitle: create('setNavigationBarTitle', options => {
      const title = textIn(options, 'title')
      stack().front().title = title
      bars().setTitle(title)
    }),
    setNavigationBarColor: create('setNavigationBarColor', options =>
      bars().setColors(textIn(options, 'frontColor'), textIn(options, 'backgroundColor')),
    ),
    showNavigationBarLoading: create('showNavigationBarLoading', () => bars().setLoading(true)),
    hideNavigationBarLoading: create('hideNavigationBarLoading', () => bars().setLoading(false)),
    setTabBarItem: create('setTabBarItem', options => {
      const named = ['text', 'iconPath', 'selectedIconPath'].filter(key => options[key] !== undefined)
      const changes = Object.fromEntries(named.map(key => [key, textIn(options, key)]))
      if (isJsonObject(changes)) bars().setTab(tabOf(options), changes)
    }),
    setTabBarBadge: create('setTabBarBadge', options => bars().setBadge(tabOf(options), textIn(options, 'text'))),
    removeTabBarBadge: create('removeTabBarBadge', options => bars().setBadge(tabOf(options), '')),
    showTabBarRedDot: create('showTabBarRedDot', options => bars().setBadge(tabOf(options), ' ')),
    hideTabBarRedDot: create('hideTabBarRedDot', options => bars().setBadge(tabOf(options), '')),
    pageScrollTo: create('pageScrollTo', options => {
      stack()
        .front()
        .element.scrollTo({ top: numberIn(options, 'scrollTop', 0), behavior: 'smooth' })
    }),
    startPullDownRefresh: create('startPullDownRefresh', () => {
      stack().front().element.toggleAttribute('data-pulled', true)
      stack().front().call('onPullDownRefresh')
    }),
    stopPullDownRefresh: create('stopPullDownRefresh', () => {
      stack().front().element.toggleAttribute('data-pulled', false)
    }),
    /** That of the page in front, until `in` names a component. */
    createSelectorQuery: () => {
      const { instance } = stack().front()
      const create = isRecord(instance) ? instance.createSelectorQuery : undefined
      if (typeof create !== 'function') throw new Error('the page in front has no selector query')
      const query = create.call(instance)
      query.in = (component: { createSelectorQuery(): unknown }) => component.createSelectorQuery()
      return query
    },
  }
}
