// Globals that mqtt.js and readable-stream expect and a mini-program's JavaScript lacks: esbuild puts these in their place.
export { Buffer } from 'node:buffer'

export const process = {
  nextTick: (callback: (...given: unknown[]) => void, ...given: unknown[]) =>
    void Promise.resolve().then(() => callback(...given)),
  env: {},
  version: '',
  versions: {},
  browser: true,
  emitWarning: () => {},
  stdout: undefined,
  stderr: undefined,
}
export const queueMicrotask = (callback: () => void) => void Promise.resolve().then(callback)
export const setImmediate = (callback: (...given: unknown[]) => void, ...given: unknown[]) =>
  setTimeout(callback, 0, ...given)
export const clearImmediate = (timer: ReturnType<typeof setTimeout>) => clearTimeout(timer)
/** Older phones have no globalThis. Packages that look for something on this one find nothing, and use what is defined above. */
export const bareGlobal = {}
export const noNavigator = { userAgent: '', product: 'mini-program' }

export class AbortSignal {
  aborted = false
  #listeners: ((event: object) => void)[] = []
  addEventListener(_type: string, listener: (event: object) => void) {
    this.#listeners.push(listener)
  }
  removeEventListener(_type: string, listener: (event: object) => void) {
    this.#listeners = this.#listeners.filter(other => other !== listener)
  }
  abort() {
    this.aborted = true
    for (const listener of this.#listeners) listener({ type: 'abort' })
  }
}
export class AbortController {
  readonly signal = new AbortSignal()
  abort() {
    this.signal.abort()
  }
}

/** mqtt's stream only asks whether a frame is one; sockets give text or an ArrayBuffer. */
export class Blob {}
