import { becomeField } from './fields.ts'
import type { Tag, TagDefinition } from './tag.ts'

const properties = {
  ...{ value: null, name: '', type: 'text', password: false, placeholder: '', placeholderStyle: '', disabled: false },
  ...{ placeholderClass: 'input-placeholder', maxlength: 140, focus: false, autoFocus: false, confirmType: 'done' },
  ...{ confirmHold: false, cursorSpacing: 0, cursor: -1, selectionStart: -1, selectionEnd: -1, adjustPosition: true },
  ...{ holdKeyboard: false, autoHeight: false, fixed: false, showConfirmBar: true, disableDefaultPadding: false },
  ...{ alwaysEmbed: false, safePasswordCertPath: '', safePasswordLength: 0 },
}

const inputModes: Readonly<Record<string, string>> = { number: 'numeric', digit: 'decimal', idcard: 'text' }

type TextElement = HTMLInputElement | HTMLTextAreaElement

const isTextElement = (element: HTMLElement): element is TextElement =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement

/** `input` and `textarea`: the elements of the browser with WeChat's events. */
export const textTag: TagDefinition = {
  properties,
  attached: tag => {
    const { element } = tag
    if (isTextElement(element)) listen(tag, element)
  },
  changed: ({ element, get }) => {
    if (!isTextElement(element)) return
    const value = String(get('value') ?? '')
    if (element.value !== value) element.value = value
    element.placeholder = String(get('placeholder') ?? '')
    element.disabled = get('disabled') === true
    element.name = String(get('name') ?? '')
    const limit = Number(get('maxlength'))
    if (limit >= 0) element.maxLength = limit
    else element.removeAttribute('maxlength')
    if (element instanceof HTMLInputElement) {
      element.type = get('password') || get('type') === 'safe-password' ? 'password' : 'text'
      element.inputMode = inputModes[String(get('type'))] ?? 'text'
      element.autocomplete = 'off'
    } else if (get('autoHeight')) {
      element.style.height = 'auto'
      element.style.height = `${element.scrollHeight}px`
    }
    if ((get('focus') || get('autoFocus')) && document.activeElement !== element) element.focus()
  },
}

function listen(tag: Tag, element: TextElement): void {
  const { fire } = tag
  becomeField(tag, {
    value: () => element.value,
    reset: () => tag.set('value', ''),
    activate: () => element.focus(),
  })
  element.addEventListener('input', () => {
    const { value, selectionStart: cursor } = element
    tag.set('value', value)
    fire('input', { value, cursor, keyCode: 0 })
  })
  element.addEventListener('focus', () => fire('focus', { value: element.value, height: 0 }))
  element.addEventListener('blur', () => fire('blur', { value: element.value, cursor: element.selectionStart }))
  element.addEventListener('keydown', event => {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Enter' || element instanceof HTMLTextAreaElement) return
    if (event.isComposing) return
    event.preventDefault()
    fire('confirm', { value: element.value })
    if (!tag.get('confirmHold')) element.blur()
  })
}
