import { becomeField } from './fields.ts'
import type { Tag, TagDefinition } from './tag.ts'

const partsOf = ({ element }: Tag) => ({
  range: element.querySelector('input'),
  shown: element.querySelector('output'),
})

/** A range of the browser and, with `show-value`, its number. The name for people is that of the tag. */
export const slider: TagDefinition = {
  properties: {
    ...{ min: 0, max: 100, step: 1, value: 0, disabled: false, showValue: false, name: '' },
    ...{ activeColor: '', backgroundColor: '', color: '', selectedColor: '', blockSize: 28, blockColor: '' },
  },
  attached: tag => {
    const initial = tag.get('value')
    const range = document.createElement('input')
    range.type = 'range'
    tag.element.append(range, document.createElement('output'))
    becomeField(tag, {
      value: () => Number(range.value),
      reset: () => tag.set('value', initial),
      activate: () => range.focus(),
    })
    range.addEventListener('input', () => {
      tag.set('value', Number(range.value))
      tag.fire('changing', { value: Number(range.value) })
    })
    range.addEventListener('change', () => {
      tag.set('value', Number(range.value))
      tag.fire('change', { value: Number(range.value) })
    })
  },
  changed: tag => {
    const { range } = partsOf(tag)
    if (!range) return
    for (const name of ['min', 'max', 'step'] as const) range[name] = String(tag.get(name))
    range.value = String(tag.get('value'))
    range.disabled = tag.get('disabled') === true
    const label = tag.element.getAttribute('aria-label')
    if (label) range.setAttribute('aria-label', label)
    show(tag, range)
  },
}

function show(tag: Tag, range: HTMLInputElement): void {
  const { shown } = partsOf(tag)
  if (shown) shown.textContent = tag.get('showValue') ? range.value : ''
  const span = Number(range.max) - Number(range.min)
  const filled = span > 0 ? ((Number(range.value) - Number(range.min)) / span) * 100 : 0
  const active = String(tag.get('activeColor') || tag.get('selectedColor') || '')
  const rest = String(tag.get('backgroundColor') || tag.get('color') || '')
  range.style.setProperty('--filled', `${filled}%`)
  if (active) range.style.setProperty('--active', active)
  if (rest) range.style.setProperty('--rest', rest)
  range.style.setProperty('--block', String(tag.get('blockColor') || '#fff'))
}
