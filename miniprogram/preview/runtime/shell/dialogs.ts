import { element } from './element.ts'

export interface ModalOptions {
  readonly title: string
  readonly content: string
  readonly showCancel: boolean
  readonly cancelText: string
  readonly confirmText: string
  readonly cancelColor: string
  readonly confirmColor: string
  readonly editable: boolean
  readonly placeholderText: string
}

/** What the phone shows over a page. */
export interface Dialogs {
  toast(text: string, icon: string, durationMs: number): void
  loading(text: string): void
  hideToast(): void
  /** The text when confirmed (empty without `editable`), undefined when cancelled. */
  confirm(options: ModalOptions): Promise<string | undefined>
  /** The index of what was chosen; undefined when cancelled. */
  choose(labels: readonly string[], selected?: number, colors?: { readonly item: string }): Promise<number | undefined>
  ask(question: {
    readonly title: string
    readonly value: string
    readonly type: 'date' | 'time'
  }): Promise<string | undefined>
}

/** `words` are those of the phone's language. */
export function createDialogs(words: { readonly cancel: string; readonly confirm: string }): Dialogs {
  let shown: HTMLElement | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const hideToast = () => {
    shown?.remove()
    shown = undefined
    clearTimeout(timer)
  }
  const showToast = (text: string, icon: string, durationMs: number) => {
    hideToast()
    shown = element('wx-toast', { role: 'status', 'data-icon': icon })
    if (icon !== 'none') shown.append(element('i', { 'aria-hidden': 'true' }))
    shown.append(element('span', {}, text))
    document.body.append(shown)
    if (durationMs > 0) timer = setTimeout(hideToast, durationMs)
  }

  /** Opens a dialog over everything; `done` closes it and settles. */
  function open<Answer>(fill: (dialog: HTMLElement, done: (answer: Answer | undefined) => void) => void, name: string) {
    return new Promise<Answer | undefined>(resolve => {
      const dialog = element(name, { role: 'dialog', 'aria-modal': 'true', tabindex: '-1' })
      const mask = element('wx-mask', {}, dialog)
      const before = document.activeElement
      const done = (answer: Answer | undefined) => {
        mask.remove()
        if (before instanceof HTMLElement) before.focus()
        resolve(answer)
      }
      fill(dialog, done)
      document.body.append(mask)
      const field = dialog.querySelector('input')
      ;(field ?? dialog).focus()
    })
  }

  const button = (text: string, onClick: () => void, attributes: Record<string, string> = {}) => {
    const made = element('button', { type: 'button', ...attributes }, text)
    made.addEventListener('click', onClick)
    return made
  }

  return {
    hideToast,
    toast: showToast,
    loading: text => showToast(text, 'loading', 0),
    confirm: options =>
      open<string>((dialog, done) => {
        const field = document.createElement('input')
        field.value = options.content
        field.placeholder = options.placeholderText
        field.setAttribute('aria-label', options.title || options.placeholderText)
        if (options.title) dialog.append(element('h2', {}, options.title))
        if (options.editable) dialog.append(field)
        else if (options.content) dialog.append(element('p', {}, options.content))
        dialog.setAttribute('aria-label', options.title || options.content)
        const footer = element('footer')
        if (options.showCancel)
          footer.append(button(options.cancelText, () => done(undefined), colored(options.cancelColor)))
        footer.append(
          button(options.confirmText, () => done(options.editable ? field.value : ''), {
            'data-main': '',
            ...colored(options.confirmColor),
          }),
        )
        dialog.append(footer)
      }, 'wx-modal'),
    choose: (labels, selected = -1, colors) =>
      open<number>((dialog, done) => {
        labels.forEach((label, index) => {
          const current: Record<string, string> = index === selected ? { 'aria-current': 'true' } : {}
          dialog.append(button(label, () => done(index), { ...current, ...colored(colors?.item ?? '') }))
        })
        dialog.append(button(words.cancel, () => done(undefined), { 'data-cancel': '' }))
      }, 'wx-sheet'),
    ask: ({ title, value, type }) =>
      open<string>((dialog, done) => {
        const field = document.createElement('input')
        field.type = type
        field.value = value
        field.setAttribute('aria-label', title || type)
        dialog.append(
          field,
          element(
            'footer',
            {},
            button(words.cancel, () => done(undefined)),
            button(words.confirm, () => done(field.value || undefined), { 'data-main': '' }),
          ),
        )
      }, 'wx-modal'),
  }
}

const colored = (color: string): Record<string, string> => (color ? { style: `color: ${color}` } : {})
