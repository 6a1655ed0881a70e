/** A message that Aedes would route: one of its own announcements below `$SYS`. */
export interface EmittedMessage {
  readonly topic: string
  readonly payload: Buffer | string
}

type Done = (error?: unknown) => void

/**
 * Aedes' emitter, which routes nothing: the router decides where a message goes. Aedes' own announcements are handed on. `done` must be called at once, so
 * that nothing comes between a SUBSCRIBE and its SUBACK.
 */
export const createSilentEmitter = (announce: (message: EmittedMessage) => void) => ({
  on: (_topic: string, _listener: unknown, done?: Done) => done?.(),
  removeListener: (_topic: string, _listener: unknown, done?: Done) => done?.(),
  emit(message: EmittedMessage, done?: Done) {
    announce(message)
    done?.()
  },
  close: (done?: Done) => void setImmediate(() => done?.()),
})
