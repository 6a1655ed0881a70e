import { CurrentWindowBackendContext, Event } from 'glass-easel'
import { elementName } from '../element-name.ts'
import { rpxLengths } from '../rpx.ts'
import type { StyleSheets } from './style-sheets.ts'

/** The events of the browser that reach a mini-program; others (click, input, change) come from our tags, and would come twice. */
const passedOn: ReadonlySet<string> = new Set([
  ...['tap', 'longpress', 'longtap', 'touchstart', 'touchmove', 'touchend', 'touchcancel'],
  ...['transitionend', 'animationstart', 'animationiteration', 'animationend'],
])

// glass-easel's EventBubbleStatus, a const enum that cannot be imported from its types.
const normal = 0
const noDefault = 1

/** glass-easel on this document: its styles go to `sheets`, its events are those of WeChat. */
export function createGlassBackend(sheets: StyleSheets): CurrentWindowBackendContext {
  const backend = new CurrentWindowBackendContext()
  const { document: own } = backend
  backend.document = {
    createElement: name => own.createElement(elementName(name)),
    createTextNode: text => own.createTextNode(text),
    createDocumentFragment: () => own.createDocumentFragment(),
  }
  const registered = new Map<string, string>()
  backend.registerStyleSheetContent = (path, content) => void registered.set(path, String(content))
  backend.appendStyleSheetPath = path => {
    sheets.append(registered.get(path) ?? '')
    return 0
  }
  backend.onEvent((target, type, detail, options) => {
    if (!passedOn.has(type) || isOnDisabled(options.originalEvent)) return undefined
    const event = Object.assign(new Event(type, detail, options), touchesOf(options.originalEvent))
    Event.dispatchEvent(target, event)
    return event.defaultPrevented() ? noDefault : normal
  })
  tapByKeyboard()
  rpxInInlineStyles()
  return backend
}

/** The positions of fingers are on the event itself, not in its detail. */
const touchesOf = (event: unknown) =>
  event instanceof TouchEvent ? { touches: [...event.touches], changedTouches: [...event.changedTouches] } : {}

const isOnDisabled = (event: unknown): boolean =>
  event instanceof globalThis.Event && event.target instanceof Element && event.target.closest('[disabled]') !== null

/** A click without a pointer (Enter on a button, a script) has no press and release from which glass-easel makes a tap. */
function tapByKeyboard(): void {
  document.addEventListener('click', event => {
    const { target, detail } = event
    if (detail !== 0 || !(target instanceof Element) || isOnDisabled(event)) return
    for (const type of ['mousedown', 'mouseup']) {
      target.dispatchEvent(new MouseEvent(type, { bubbles: true, composed: true }))
    }
  })
}

/** glass-easel writes `style` by setAttribute. */
function rpxInInlineStyles(): void {
  const { setAttribute } = HTMLElement.prototype
  HTMLElement.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, name === 'style' ? rpxLengths(String(value)) : value)
  }
}
