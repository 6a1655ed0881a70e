import { isOpen, latchkey, problemOn, texts } from '../../page.ts'
import { dayAndTime } from '../../services/times.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/** Removes the link between the account and WeChat; the app sends the person to the index page when it is done. */
Page({
  data: {
    t: texts().unbind,
    common: texts().common,
    bind: texts().bind,
    /** The bound WeChat users, when there are several; the first entry means all of them. */
    links: [] as { id: string; text: string }[],
    chosen: '',
    password: '',
    problem: '',
    isBusy: false,
  },

  onLoad() {
    const { unbind, bind, common } = texts()
    this.setData({ t: unbind, bind, common })
    wx.setNavigationBarTitle({ title: unbind.title })
    void this.load()
  },
  async load() {
    const { session, language } = latchkey()
    const answer = await session.request('account/wechat', {})
    if (!answer.ok || answer.data.links.length < 2 || !isOpen(this)) return
    const since = (atMs: number) => phrases[language.locale].boundSince(dayAndTime(atMs))
    const each = answer.data.links.map(({ link, linkedAt }) => ({ id: link, text: since(linkedAt) }))
    this.setData({ links: [{ id: '', text: texts().unbind.all }, ...each] })
  },
  choose(event: WechatMiniprogram.TouchEvent<object, object, { id: string }>) {
    this.setData({ chosen: event.currentTarget.dataset.id })
  },
  type(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ password: event.detail.value, problem: '' })
  },
  async submit() {
    const { password, chosen, isBusy } = this.data
    if (isBusy || !password) return
    this.setData({ isBusy: true, problem: '' })
    const done = await latchkey().session.unbind(password, chosen)
    if (done.ok) return
    const problem = done.code === 1 ? texts().unbind.wrong : failureText(done, latchkey().language.locale)
    problemOn(this, problem)
  },
})
