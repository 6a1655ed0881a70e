import { type GeneralBackendElement, Element as GlassElement } from 'glass-easel'
import type { AssociatedBackend, CodeSpace } from 'glass-easel-miniprogram-adapter'
import { functionIn, isRecord } from './options.ts'

/** One open page. */
export interface PageView {
  readonly route: string
  readonly query: Readonly<Record<string, string>>
  /** The object that `getCurrentPages()` returns for it. */
  readonly instance: object
  /** Once, after the page is in the stack: `onLoad` may look there. */
  load(): void
  /** Set by `wx.setNavigationBarTitle`. */
  title: string | undefined
  /** Calls a method of the page; undefined when it has none. An error is reported and not thrown. */
  call(method: string, ...given: unknown[]): unknown
  has(method: string): boolean
  data(): unknown
  show(): void
  hide(): void
  close(): void
  readonly element: HTMLElement
}

/** Makes pages from the code space; only the one in front is in the document. */
export interface PageHost {
  open(route: string, query: Readonly<Record<string, string>>): PageView
  bringToFront(page: PageView): void
  /** How many characters of JSON all `setData` of pages were given: what WeChat carries from one thread to another. */
  readonly setDataSize: number
}

/** WeChat's `onReachBottomDistance` where a page has none of its own. */
const reachBottomPx = 50

export function createPageHost(
  space: CodeSpace,
  backend: AssociatedBackend,
  report: (error: unknown) => void,
): PageHost {
  let setDataSize = 0

  return {
    get setDataSize() {
      return setDataSize
    },
    bringToFront(page) {
      for (const other of document.querySelectorAll('wx-page')) {
        if (other !== page.element) setAside(other)
      }
      if (page.element.isConnected) return
      document.body.append(page.element)
      page.element.scrollTop = Number(page.element.dataset.scrolled ?? 0)
    },
    open(route, query) {
      const element = document.createElement('wx-page')
      element.setAttribute('route', route)
      const placeholder = document.createElement('span')
      element.append(placeholder)

      const root = backend.createRoot('wx-page-root', space, route)
      const component = root.getComponent()
      const instance: object = root.get()
      const setData = functionIn(instance, 'setData')
      const counted = (...given: unknown[]) => {
        setDataSize += JSON.stringify(given[0] ?? {}).length
        return setData?.(...given)
      }
      Object.assign(instance, { route, options: query, setData: counted })
      let isReady = false
      let isAtBottom = false

      const call = (method: string, ...given: unknown[]): unknown => {
        try {
          const result = functionIn(instance, method)?.(...given)
          if (result instanceof Promise) result.catch(report)
          return result
        } catch (error) {
          report(error)
          return undefined
        }
      }
      const lifetime = (name: string) => component.triggerPageLifetime(name, [])

      const page: PageView = {
        route,
        query,
        instance,
        element,
        title: undefined,
        call,
        has: method => functionIn(instance, method) !== undefined,
        data: () => (isRecord(instance) ? JSON.parse(JSON.stringify(instance.data ?? {})) : {}),
        load() {
          call('onLoad', query)
          document.body.append(element)
          root.attach(glassNode(element), glassNode(placeholder))
        },
        show() {
          call('onShow')
          lifetime('show')
          if (isReady) return
          isReady = true
          call('onReady')
        },
        hide() {
          call('onHide')
          lifetime('hide')
        },
        close() {
          call('onUnload')
          GlassElement.pretendDetached(component)
          element.remove()
        },
      }
      element.addEventListener('scroll', () => {
        const wasAtBottom = isAtBottom
        isAtBottom = element.scrollTop + element.clientHeight > element.scrollHeight - reachBottomPx
        if (isAtBottom && !wasAtBottom && element.isConnected) call('onReachBottom')
      })
      return page
    },
  }
}

/** An element that is removed from the document forgets how far it was scrolled. */
function setAside(element: Element): void {
  if (element instanceof HTMLElement) element.dataset.scrolled = String(element.scrollTop)
  element.remove()
}

/** For glass-easel on this document its elements are those of the document, though its types do not say so. */
const glassNode = (node: HTMLElement): GeneralBackendElement => node as unknown as GeneralBackendElement
