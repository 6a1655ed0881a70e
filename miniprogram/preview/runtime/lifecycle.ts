import type { PhoneState } from './phone.ts'
import type { Signals } from './signals.ts'

/** WeChat lets a hidden mini-program run on for this long, and then cuts its sockets. */
const freezeAfterMs = 5000

export interface LifecycleOptions {
  readonly phone: PhoneState
  readonly signals: Signals
  readonly onHide: () => void
  readonly onShow: () => void
  readonly cutSockets: (reason: string) => void
}

/** Going to the background and coming back. */
export interface Lifecycle {
  background(): void
  foreground(awayMs?: number): void
  /** True when it has been in the background for so long that WeChat opens no sockets. */
  isFrozen(): boolean
}

export function createLifecycle({ phone, signals, onHide, onShow, cutSockets }: LifecycleOptions): Lifecycle {
  let freezing: ReturnType<typeof setTimeout> | undefined
  let frozen = false
  const passTime = ownClock()
  return {
    isFrozen: () => frozen,
    background() {
      if (phone.isBackground) return
      phone.isBackground = true
      onHide()
      signals.emit('AppHide')
      freezing = setTimeout(() => {
        frozen = true
        cutSockets('interrupted')
      }, freezeAfterMs)
    },
    foreground(awayMs = 0) {
      if (!phone.isBackground) return
      phone.isBackground = false
      frozen = false
      clearTimeout(freezing)
      passTime(awayMs)
      onShow()
      signals.emit('AppShow')
    },
  }
}

/** Puts an offset into `Date.now`, before any module can have taken a reference to it. Returns a function that makes time pass. */
function ownClock(): (byMs: number) => void {
  const { now } = Date
  let offsetMs = 0
  Date.now = () => now() + offsetMs
  return byMs => {
    offsetMs += byMs
  }
}
