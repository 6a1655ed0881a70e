import type { Signals } from '../signals.ts'

const signalNames = [
  ...['AppShow', 'AppHide', 'ThemeChange', 'NetworkStatusChange', 'Error', 'UnhandledRejection', 'PageNotFound'],
  ...['WindowResize', 'KeyboardHeightChange', 'MemoryWarning', 'UserCaptureScreen'],
]

/** `wx`, made of the given parts. Using anything else of it is an error that names it. */
export function createWx(parts: readonly object[], signals: Signals): object {
  const listening = Object.fromEntries(
    signalNames.flatMap(name => [
      [`on${name}`, (listener: (event: unknown) => void) => signals.on(name, listener)],
      [`off${name}`, (listener?: (event: unknown) => void) => signals.off(name, listener)],
    ]),
  )
  return new Proxy(Object.assign({}, listening, ...parts), {
    get(target, name) {
      if (name in target || typeof name === 'symbol') return Reflect.get(target, name)
      throw new Error(`wx.${name} is not there in the preview (miniprogram/preview/runtime/wx)`)
    },
  })
}
