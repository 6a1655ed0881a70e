import { makePressable } from './aria.ts'
import { fieldOf, fieldsIn } from './fields.ts'
import { hoverProperties, showPressed } from './hover.ts'
import type { TagDefinition } from './tag.ts'

/** What the phone does for a button with an `open-type`. */
export type OpenTypes = Readonly<Record<string, (target: { id: string; dataset: object }) => void>>

export const form: TagDefinition = {
  properties: { reportSubmit: false },
  attached: ({ element, fire }) => {
    element.addEventListener('submit', event => event.preventDefault())
    element.addEventListener('phone:submit', () => {
      const named = fieldsIn(element).filter(field => field.name() !== '')
      fire('submit', { value: Object.fromEntries(named.map(field => [field.name(), field.value()])) })
    })
    element.addEventListener('phone:reset', () => {
      for (const field of fieldsIn(element)) field.reset()
      fire('reset')
    })
  },
}

/** A button submits or resets the form around it, or does what its `open-type` says. */
export const createButton = (openTypes: OpenTypes): TagDefinition => ({
  properties: {
    ...{ type: 'default', size: 'default', plain: false, disabled: false, loading: false, formType: '', openType: '' },
    ...{ ...hoverProperties({ startMs: 20, stayMs: 70 }), lang: '' },
  },
  attached: tag => {
    const { element, get } = tag
    element.setAttribute('role', 'button')
    makePressable(element)
    showPressed(tag)
    element.addEventListener('click', () => {
      if (get('disabled')) return
      const formType = String(get('formType'))
      if (formType) element.closest('form')?.dispatchEvent(new Event(`phone:${formType}`))
      const openType = String(get('openType'))
      if (!openType) return
      const open = openTypes[openType]
      if (!open) throw new Error(`open-type="${openType}" is not there in the preview`)
      open(tag.target)
    })
  },
  changed: ({ element, get }) => {
    for (const name of ['disabled', 'loading', 'plain']) element.toggleAttribute(name, Boolean(get(name)))
    element.setAttribute('aria-disabled', String(Boolean(get('disabled'))))
    element.setAttribute('type', String(get('type')))
    element.setAttribute('size', String(get('size')))
    if (get('loading')) element.setAttribute('aria-busy', 'true')
    else element.removeAttribute('aria-busy')
  },
})

/** A tap on a label is a tap on its control: the one with the id `for`, or the first inside. */
export const label: TagDefinition = {
  properties: { for: '' },
  attached: ({ element, get, find }) => {
    element.addEventListener('click', event => {
      if (!(event.target instanceof Element) || event.target.closest('[data-field]')) return
      event.preventDefault()
      const id = String(get('for') ?? '')
      const control = id ? find(id) : element.querySelector('[data-field]')
      if (control) fieldOf(control)?.activate()
    })
  },
}
