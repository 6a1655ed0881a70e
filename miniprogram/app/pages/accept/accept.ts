import { goHome, indexThen, isOpen, latchkey, problemOn, queryText, say, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** The page to which a share card leads. `name` is the sender's name for the device. */
Page({
  data: { t: texts().accept, name: '', invitation: '', isVoid: false, problem: '', isBusy: false },
  end: () => {},

  onLoad(query: { invitation?: string; name?: string }) {
    const { session } = latchkey()
    const { accept } = texts()
    const invitation = queryText(query.invitation)
    const name = queryText(query.name)
    const signInFirst = () => {
      const here = `pages/accept/accept?invitation=${encodeURIComponent(invitation)}&name=${encodeURIComponent(name)}`
      wx.reLaunch({ url: indexThen(here) })
    }
    if (!session.account) return signInFirst()
    this.end = session.onChange(() => {
      if (session.status === 'signed-out') signInFirst()
    })
    this.setData({
      t: accept,
      invitation,
      name,
    })
    wx.setNavigationBarTitle({ title: accept.title })
  },
  onUnload() {
    this.end()
  },
  async accept() {
    const { invitation, isBusy } = this.data
    if (isBusy) return
    this.setData({ isBusy: true, problem: '' })
    const accepted = await latchkey().devices.accept(invitation)
    if (accepted.ok) {
      if (isOpen(this)) goHome(`pages/device/device?id=${accepted.data.id}`)
      else say(`${texts().add.added} · ${accepted.data.name}`)
      return
    }
    const { add } = texts()
    problemOn(this, accepted.code === 4000 ? add.badInvitation : failureText(accepted, latchkey().language.locale))
  },
  spoiled() {
    this.setData({ isVoid: true })
  },
  later() {
    goHome()
  },
})
