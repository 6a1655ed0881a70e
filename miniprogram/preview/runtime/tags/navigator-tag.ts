import { makePressable } from './aria.ts'
import type { TagDefinition } from './tag.ts'

/** Goes where `url` says, the way `open-type` says. */
export const createNavigator = (
  go: (openType: string, target: { readonly url: string; readonly delta: number }) => void,
): TagDefinition => ({
  properties: { url: '', openType: 'navigate', delta: 1, hoverClass: '', target: 'self' },
  attached: ({ element, get }) => {
    element.setAttribute('role', 'link')
    makePressable(element)
    element.addEventListener('click', () =>
      go(String(get('openType')), { url: String(get('url')), delta: Number(get('delta')) }),
    )
  },
})
