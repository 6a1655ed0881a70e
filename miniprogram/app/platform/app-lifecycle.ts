import type { Session } from '../services/session.ts'

/** The events of `App`; to be called from its functions of the same names. */
export interface AppLifecycle {
  onShow(): void
  onHide(): void
}

/** A change of network comes as several events. */
const settleMs = 500

/** Tells `session` when the app is shown and hidden, and when the phone has settled on another network. */
export function createAppLifecycle(session: Pick<Session, 'shown' | 'hidden' | 'networkChanged'>): AppLifecycle {
  let told: string | undefined
  let forgetTimer = () => {}
  wx.onNetworkStatusChange(({ isConnected, networkType }) => {
    forgetTimer()
    const timer = setTimeout(() => {
      const network = isConnected ? networkType : 'none'
      if (network === told) return
      told = network
      session.networkChanged(isConnected)
    }, settleMs)
    forgetTimer = () => clearTimeout(timer)
  })
  return { onShow: session.shown, onHide: session.hidden }
}
