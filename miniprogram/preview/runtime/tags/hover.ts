import type { Defaults, Tag } from './tag.ts'

/** The properties of a tag that shows that it is pressed, with WeChat's times for a view or, where given, others. */
export const hoverProperties = ({ startMs = 50, stayMs = 400 } = {}): Defaults => ({
  hoverClass: 'none',
  hoverStopPropagation: false,
  hoverStartTime: startMs,
  hoverStayTime: stayMs,
})

/** Gives the tag its `hover-class` while it is pressed: from a moment after the press until a while after the release. */
export function showPressed({ element, get }: Tag): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = (time: string, act: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(act, Number(get(time)) || 0)
  }
  const classes = () => {
    const names = String(get('hoverClass') ?? 'none').split(/\s+/)
    return names.filter(name => name && name !== 'none').flatMap(name => [name, ...scoped(element, name)])
  }
  element.addEventListener('pointerdown', event => {
    if (event.target instanceof Element && event.target.closest('[disabled]')) return
    later('hoverStartTime', () => element.classList.add(...classes()))
  })
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'])
    element.addEventListener(end, () => later('hoverStayTime', () => element.classList.remove(...classes())))
}

/** The name as the style sheet of the element's component has it: its classes tell under which prefixes. */
const scoped = (element: Element, name: string): string[] =>
  [...element.classList].flatMap(own => (/^c\d+--/.exec(own) ?? []).map(prefix => `${prefix}${name}`))
