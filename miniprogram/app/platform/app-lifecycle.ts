import type { Session } from '../services/session.ts'

/** What `App` tells; to be called from its functions of the same names. */
export interface AppLifecycle {
  onShow(): void
  onHide(): void
}

/** A change of network comes as several. */
const settleMs = 500

/** Tells `session` of the app's coming and going, and of the phone's network once it has settled on another. */
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
