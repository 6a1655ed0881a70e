import { latchkey, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** Removes the link between the account and WeChat; the app sends the person to the index page when it is done. */
Page({
  data: {
    t: texts().unbind,
    common: texts().common,
    bind: texts().bind,
    password: '',
    problem: '',
    isBusy: false,
  },

  onLoad() {
    const { unbind, bind, common } = texts()
    this.setData({ t: unbind, bind, common })
    wx.setNavigationBarTitle({ title: unbind.title })
  },
  type(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ password: event.detail.value, problem: '' })
  },
  async submit() {
    const { password, isBusy } = this.data
    if (isBusy || !password) return
    this.setData({ isBusy: true, problem: '' })
    const done = await latchkey().session.unbind(password)
    if (done.ok) return
    const problem = done.code === 1 ? texts().unbind.wrong : failureText(done, latchkey().language.locale)
    this.setData({ isBusy: false, problem })
  },
})
