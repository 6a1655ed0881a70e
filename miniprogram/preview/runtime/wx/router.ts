import { numberIn, textIn } from '../options.ts'
import type { PageStack } from '../page-stack.ts'
import type { Apis } from './apis.ts'

/** Opens and closes pages. Calls are carried out after they have returned, as in WeChat. */
export function routerApis({ create }: Apis, stack: () => PageStack): Record<string, (options?: unknown) => unknown> {
  const to = (name: 'navigateTo' | 'redirectTo' | 'reLaunch' | 'switchTab') =>
    create(name, async options => {
      await Promise.resolve()
      stack()[name](textIn(options, 'url'))
    })
  return {
    navigateTo: to('navigateTo'),
    redirectTo: to('redirectTo'),
    reLaunch: to('reLaunch'),
    switchTab: to('switchTab'),
    navigateBack: create('navigateBack', async options => {
      await Promise.resolve()
      stack().navigateBack(numberIn(options, 'delta', 1))
    }),
  }
}
