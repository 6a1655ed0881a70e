import type { Tag } from './tag.ts'

const names = [
  ...['role', 'label', 'hidden', 'checked', 'disabled', 'describedby', 'labelledby', 'modal', 'expanded', 'selected'],
  ...['live', 'atomic', 'relevant', 'busy', 'pressed', 'level', 'controls', 'haspopup', 'owns', 'current'],
  ...[
    'valuenow',
    'valuemin',
    'valuemax',
    'valuetext',
    'invalid',
    'required',
    'readonly',
    'orientation',
    'multiselectable',
  ],
]
const propertyOf = (name: string) => `aria${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** Every `aria-…` that WXML may write on any tag. */
export const ariaProperties: Readonly<Record<string, null>> = Object.fromEntries(
  names.map(name => [propertyOf(name), null]),
)

const pressable = new Set(['button', 'link', 'switch', 'checkbox', 'radio', 'tab', 'option', 'menuitem'])

/** Writes the `aria-…` properties of a tag to its element; what has the role of something pressable can be pressed by keys too. */
export function writeAria({ element, get }: Tag): void {
  for (const name of names) {
    const value = get(propertyOf(name))
    if (value === null || value === undefined || value === '') continue
    element.setAttribute(name === 'role' ? 'role' : `aria-${name}`, String(value))
  }
  const role = get(propertyOf('role'))
  if (typeof role === 'string' && pressable.has(role)) makePressable(element)
}

const made = new WeakSet<HTMLElement>()

/** Puts an element into the order of the Tab key; Enter and Space click it. */
export function makePressable(element: HTMLElement): void {
  if (made.has(element)) return
  made.add(element)
  element.tabIndex = 0
  element.addEventListener('keydown', event => {
    if (event.target !== element || (event.key !== 'Enter' && event.key !== ' ')) return
    event.preventDefault()
    element.click()
  })
}
