import { goHome, latchkey, openOver, queryText, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** Binds an account that exists to this WeChat user. */
Page({
  data: {
    t: texts().bind,
    common: texts().common,
    username: '',
    password: '',
    problem: '',
    isBusy: false,
  },
  next: '',

  onLoad(query: { next?: string }) {
    this.next = queryText(query.next)
    const { bind, common } = texts()
    this.setData({ t: bind, common })
    wx.setNavigationBarTitle({ title: bind.title })
  },
  typeName(event: WechatMiniprogram.Input) {
    this.setData({ username: event.detail.value, problem: '' })
  },
  typePassword(event: WechatMiniprogram.Input) {
    this.setData({ password: event.detail.value, problem: '' })
  },
  async submit() {
    const { username, password, isBusy } = this.data
    if (isBusy || !username || !password) return
    this.setData({ isBusy: true, problem: '' })
    const bound = await latchkey().session.bind(username.trim(), password)
    if (bound.ok) goHome(this.next)
    else {
      const problem = bound.code === 4000 ? texts().register.badName : failureText(bound, latchkey().language.locale)
      this.setData({ isBusy: false, problem })
    }
  },
  register() {
    openOver(this, `/pages/register/register?next=${encodeURIComponent(this.next)}`)
  },
})
