import { parseClaimLink } from '../../../../src/protocol/claim-link.ts'
import { goHome, invitationIn, isOpen, latchkey, queryText, texts } from '../../page.ts'
import type { Arrival } from '../../services/session.ts'
import { failureText } from '../../texts/failures.ts'

/** How long signing in may take before the page says that it is slow. */
const slowAfterMs = 4000

/** The page to which a QR code leads that WeChat itself has scanned: "Add a device", filled in, so that a tap adds it. */
function pageOf(scanned: string): string {
  const link = parseClaimLink(scanned)
  return link ? `pages/add/add?device=${link.deviceId}&code=${link.code}` : ''
}

/** Signs in, and sends the person where they belong. `next` is where they wanted to go; `q` is the link that brought them here. */
Page({
  data: {
    t: texts().index,
    common: texts().common,
    state: 'busy' as 'busy' | 'login' | 'failed',
    isSlow: false,
    note: '',
    /** The person came with it. */
    invitation: '',
    invitedTo: '',
  },
  next: '',
  slowTimer: 0,

  onLoad(query: { next?: string; q?: string }) {
    this.next = queryText(query.next) || pageOf(queryText(query.q))
    const { index, common } = texts()
    const { invitation = '', name = '' } = invitationIn(this.next) ?? {}
    this.setData({ t: index, common, invitation, invitedTo: name })
    void this.arrive(() => latchkey().session.start())
  },
  onUnload() {
    clearTimeout(this.slowTimer)
  },
  signIn() {
    if (this.data.state !== 'busy') void this.arrive(() => latchkey().session.signIn())
  },
  retry() {
    if (this.data.state !== 'busy') void this.arrive(() => latchkey().session.start())
  },
  async arrive(signIn: () => Promise<Arrival>) {
    this.setData({ state: 'busy', isSlow: false })
    clearTimeout(this.slowTimer)
    this.slowTimer = setTimeout(() => this.setData({ isSlow: true }), slowAfterMs)
    const arrival = await signIn()
    if (!isOpen(this)) return
    clearTimeout(this.slowTimer)
    const { index } = texts()
    if (arrival.next === 'home') goHome(this.next)
    else if (arrival.next === 'bind') wx.redirectTo({ url: `/pages/bind/bind?next=${encodeURIComponent(this.next)}` })
    else if (arrival.next === 'login')
      this.setData({ state: 'login', note: arrival.because === 'revoked' ? index.revoked : index.loggedOut })
    else this.setData({ state: 'failed', note: failureText(arrival.failure, latchkey().language.locale) })
  },
})
