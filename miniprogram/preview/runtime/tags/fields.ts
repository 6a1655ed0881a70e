import type { Tag } from './tag.ts'

/** What a form needs from a control in it. */
export interface Field {
  readonly name: () => string
  readonly value: () => unknown
  readonly reset: () => void
  /** What a tap on the control's label does. */
  readonly activate: () => void
}

const fields = new WeakMap<Element, Field>()

/** Makes the tag a control that forms and labels find. */
export function becomeField(tag: Tag, field: Omit<Field, 'name'>): void {
  fields.set(tag.element, { ...field, name: () => String(tag.get('name') ?? '') })
  tag.element.setAttribute('data-field', '')
}

/** The control that `element` is; undefined when it is none. */
export const fieldOf = (element: Element): Field | undefined => fields.get(element)

/** The controls inside `element`, in the order of the page. */
export const fieldsIn = (element: Element): Field[] =>
  [...element.querySelectorAll('[data-field]')].flatMap(inner => fields.get(inner) ?? [])
