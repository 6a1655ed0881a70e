import { newPasswordProblem } from '../../../../src/protocol/new-password.ts'
import { isOpen, latchkey, problemOn, say, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** Changes the password, which signs out every other phone of the account. */
Page({
  data: {
    t: texts().password,
    register: texts().register,
    current: '',
    next: '',
    repeat: '',
    problem: '',
    isBusy: false,
  },

  onLoad() {
    const { password, register } = texts()
    this.setData({ t: password, register })
    wx.setNavigationBarTitle({ title: password.title })
  },
  type(event: WechatMiniprogram.CustomEvent<{ value: string }, object, { field: 'current' | 'next' | 'repeat' }>) {
    this.setData({ [event.currentTarget.dataset.field]: event.detail.value, problem: '' })
  },
  async submit() {
    const { current, next, repeat, isBusy } = this.data
    if (isBusy || !current || !next || !repeat) return
    const { password, register } = texts()
    const wrong = newPasswordProblem(next, repeat)
    if (wrong) {
      this.setData({ problem: register[wrong] })
      return
    }
    this.setData({ isBusy: true, problem: '' })
    const changed = await latchkey().session.changePassword(current, next)
    if (changed.ok) {
      if (isOpen(this)) await wx.navigateBack()
      say(password.changed)
      return
    }
    const problem = changed.code === 1 ? password.wrong : failureText(changed, latchkey().language.locale)
    problemOn(this, problem)
  },
})
