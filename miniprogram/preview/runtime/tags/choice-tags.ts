import { makePressable } from './aria.ts'
import { becomeField } from './fields.ts'
import type { Tag, TagDefinition } from './tag.ts'

/** The tags of choices by their elements, so that a group finds its members. */
const choices = new WeakMap<Element, Tag>()

const choicesIn = (group: Element, name: string): Tag[] =>
  [...group.querySelectorAll(name)].flatMap(element => choices.get(element) ?? [])

function showChecked({ element, get }: Tag): void {
  element.setAttribute('aria-checked', String(get('checked') === true))
  element.setAttribute('aria-disabled', String(get('disabled') === true))
  const color = String(get('color') ?? '')
  if (color) element.style.setProperty('--checked-color', color)
}

export const switchTag: TagDefinition = {
  properties: { checked: false, disabled: false, type: 'switch', color: '', name: '' },
  attached: tag => {
    const initial = tag.get('checked') === true
    const toggle = () => {
      if (tag.get('disabled')) return
      const value = tag.get('checked') !== true
      tag.set('checked', value)
      tag.fire('change', { value })
    }
    tag.element.setAttribute('role', 'switch')
    makePressable(tag.element)
    becomeField(tag, {
      value: () => tag.get('checked') === true,
      reset: () => tag.set('checked', initial),
      activate: toggle,
    })
    tag.element.addEventListener('click', toggle)
  },
  changed: tag => {
    showChecked(tag)
    tag.element.setAttribute('data-type', String(tag.get('type')))
  },
}

/** Several of a group may be checked, or with `isSole` one. */
const choice = (name: 'checkbox' | 'radio', isSole: boolean): TagDefinition => ({
  properties: { value: null, checked: false, disabled: false, color: '', name: '' },
  attached: tag => {
    const { element } = tag
    const toggle = () => {
      if (tag.get('disabled') || (isSole && tag.get('checked'))) return
      const group = element.closest(`${name}-group`)
      if (isSole && group) for (const other of choicesIn(group, name)) other.set('checked', false)
      tag.set('checked', !tag.get('checked'))
      group?.dispatchEvent(new Event('phone:choice'))
    }
    choices.set(element, tag)
    element.setAttribute('role', name)
    makePressable(element)
    becomeField(tag, {
      value: () => tag.get('checked') === true,
      reset: () => tag.set('checked', false),
      activate: toggle,
    })
    element.addEventListener('click', toggle)
  },
  changed: showChecked,
})

const group = (name: 'checkbox' | 'radio', groupValue: (checked: unknown[]) => unknown): TagDefinition => ({
  properties: { name: '' },
  attached: tag => {
    const members = () => choicesIn(tag.element, name)
    const value = () =>
      groupValue(
        members()
          .filter(member => member.get('checked'))
          .map(member => member.get('value')),
      )
    tag.element.setAttribute('role', name === 'radio' ? 'radiogroup' : 'group')
    becomeField(tag, {
      value,
      reset: () => {
        for (const member of members()) member.set('checked', false)
      },
      activate: () => {},
    })
    tag.element.addEventListener('phone:choice', () => tag.fire('change', { value: value() }))
  },
})

export const checkbox = choice('checkbox', false)
export const checkboxGroup = group('checkbox', checked => checked)
export const radio = choice('radio', true)
export const radioGroup = group('radio', ([checked = '']) => checked)
