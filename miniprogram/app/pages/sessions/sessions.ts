import { confirmed, isOpen, latchkey, say, texts } from '../../page.ts'
import { dayAndTime } from '../../services/times.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/** Where the account is signed in, and logging out there. */
Page({
  data: {
    t: texts().sessions,
    note: '',
    /** The sign-in that is being ended. */
    ending: '',
    sessions: [] as { id: string; name: string; text: string; online: boolean; current: boolean }[],
  },
  end: () => {},

  onLoad() {
    const { sessions, device } = texts()
    this.setData({ t: sessions, note: device.loading })
    wx.setNavigationBarTitle({ title: sessions.title })
    this.end = latchkey().session.onSignedIn(() => void this.load()) // requests that were impossible without a connection
    void this.load()
  },
  onUnload() {
    this.end()
  },
  async load() {
    const { session, language } = latchkey()
    const { locale } = language
    const answer = await session.request('account/sessions', {})
    if (!isOpen(this)) return
    if (!answer.ok) return this.setData({ note: failureText(answer, locale) })
    const t = texts().sessions
    const sessions = answer.data.sessions.map(({ signIn, since, online, current }) => ({
      id: signIn,
      name: current ? t.current : t.another,
      text: phrases[locale].signedInSince(dayAndTime(since)),
      online,
      current,
    }))
    this.setData({ sessions })
  },
  async logOut(event: WechatMiniprogram.TouchEvent<object, object, { id: string; text: string }>) {
    const { id, text } = event.currentTarget.dataset
    const t = texts().sessions
    if (!(await confirmed(t.logOutTitle, text, t.logOutVerb))) return
    const { session, language } = latchkey()
    this.setData({ ending: id })
    const done = await session.request('account/signout', { signIn: id })
    if (!done.ok && done.code !== 3001) say(failureText(done, language.locale))
    await this.load()
    this.setData({ ending: '' })
  },
})
