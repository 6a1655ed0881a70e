import { newPasswordProblem } from '../../../../src/protocol/new-password.ts'
import { goHome, invitationIn, latchkey, queryText, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

type Choice = WechatMiniprogram.TouchEvent<object, object, { new: boolean }>
type Typed = WechatMiniprogram.CustomEvent<{ value: string }, object, { field: 'username' | 'password' | 'repeat' }>

/** The first page of an unknown WeChat user: creates an account for them, or binds an existing one. What is typed stays when the other is chosen. */
Page({
  data: {
    t: texts().bind,
    register: texts().register,
    common: texts().common,
    isNew: true,
    username: '',
    password: '',
    repeat: '',
    /** The person came with it. */
    invitation: '',
    invitedTo: '',
    problem: '',
    isBusy: false,
  },
  next: '',

  onLoad(query: { next?: string }) {
    this.next = queryText(query.next)
    const { bind, register, common } = texts()
    const { invitation = '', name = '' } = invitationIn(this.next) ?? {}
    this.setData({ t: bind, register, common, invitation, invitedTo: name })
    wx.setNavigationBarTitle({ title: bind.title })
  },
  choose(event: Choice) {
    if (this.data.isBusy) return // the request that is under way is answered first
    this.setData({ isNew: event.currentTarget.dataset.new, problem: '' })
  },
  type(event: Typed) {
    this.setData({ [event.currentTarget.dataset.field]: event.detail.value, problem: '' })
  },
  async submit() {
    const { isNew, username, password, repeat, isBusy } = this.data
    if (isBusy || !username || !password || (isNew && !repeat)) return
    const { register } = texts()
    const wrong = isNew && newPasswordProblem(password, repeat)
    if (wrong) return this.setData({ problem: register[wrong] })
    this.setData({ isBusy: true, problem: '' })
    const { session, language } = latchkey()
    const known = await (isNew ? session.register : session.bind)(username.trim(), password)
    if (known.ok) return goHome(this.next)
    const problem = known.code === 4000 ? register.badName : failureText(known, language.locale)
    this.setData({ isBusy: false, problem })
  },
})
