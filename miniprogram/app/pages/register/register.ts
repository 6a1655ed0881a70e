import { newPasswordProblem } from '../../../../src/protocol/new-password.ts'
import { goHome, latchkey, queryText, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** Makes an account and binds it to this WeChat user. */
Page({
  data: {
    t: texts().register,
    common: texts().common,
    username: '',
    password: '',
    repeat: '',
    problem: '',
    isBusy: false,
  },
  next: '',

  onLoad(query: { next?: string }) {
    this.next = queryText(query.next)
    const { register, common } = texts()
    this.setData({ t: register, common })
    wx.setNavigationBarTitle({ title: register.title })
  },
  typeName(event: WechatMiniprogram.Input) {
    this.setData({ username: event.detail.value, problem: '' })
  },
  typePassword(event: WechatMiniprogram.Input) {
    this.setData({ password: event.detail.value, problem: '' })
  },
  typeRepeat(event: WechatMiniprogram.Input) {
    this.setData({ repeat: event.detail.value, problem: '' })
  },
  async submit() {
    const { username, password, repeat, isBusy } = this.data
    if (isBusy || !username || !password || !repeat) return
    const { register } = texts()
    const wrong = newPasswordProblem(password, repeat)
    if (wrong) {
      this.setData({ problem: register[wrong] })
      return
    }
    this.setData({ isBusy: true, problem: '' })
    const made = await latchkey().session.register(username.trim(), password)
    if (made.ok) {
      goHome(this.next)
      return
    }
    const problem = made.code === 4000 ? register.badName : failureText(made, latchkey().language.locale)
    this.setData({ isBusy: false, problem })
  },
})
