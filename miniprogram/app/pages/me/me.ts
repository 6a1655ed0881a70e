import { confirmed, latchkey, nameTabs, openOver, say, texts, watch } from '../../page.ts'
import { changes } from '../../services/changes.ts'
import type { LanguageChoice } from '../../services/language.ts'
import { failureText } from '../../texts/failures.ts'

const choices: readonly LanguageChoice[] = ['auto', 'zh-CN', 'en']

/** The account, the language, and every way to sign out. */
Page({
  data: {
    t: texts().me,
    username: '',
    languages: [] as string[],
    language: 0,
    /** The way that is under way. */
    leaving: '' as '' | 'here' | 'everywhere',
  },
  end: () => {},

  onLoad() {
    const { session, language } = latchkey()
    this.end = watch(() => this.draw(), session, language)
  },
  onShow() {
    this.draw()
    this.name()
  },
  onUnload() {
    this.end()
  },
  draw() {
    const { session, language } = latchkey()
    const { me } = texts()
    const wanted = {
      t: me,
      username: session.account?.username ?? '',
      languages: [me.languageAuto, '中文', 'English'],
      language: choices.indexOf(language.choice),
    }
    this.setData(changes(this.data, wanted))
  },
  chooseLanguage(event: WechatMiniprogram.PickerChange) {
    latchkey().language.choose(choices[Number(event.detail.value)] ?? 'auto')
    this.name()
  },
  name() {
    wx.setNavigationBarTitle({ title: texts().me.title })
    nameTabs()
  },
  open(event: WechatMiniprogram.TouchEvent<object, object, { page: string }>) {
    const { page } = event.currentTarget.dataset
    openOver(this, `/pages/${page}/${page}`)
  },
  /** The privacy terms that the publisher of the mini-program wrote at WeChat's console. */
  privacy() {
    wx.openPrivacyContract({ fail: () => say(texts().me.noPrivacy) })
  },
  async logOut() {
    const { me } = texts()
    if (await confirmed(me.logOut, me.logOutText, me.logOut)) await this.leave(false)
  },
  async logOutEverywhere() {
    const { me } = texts()
    if (!(await confirmed(me.logOutEverywhere, me.logOutEverywhereText, me.logOut))) return
    // Without a connection this would sign out only this phone.
    const { session, language } = latchkey()
    if (session.status === 'online') await this.leave(true)
    else say(failureText({ code: 'offline' }, language.locale))
  },
  /** The app sends the person to the index page as soon as nobody is signed in. */
  async leave(everywhere: boolean) {
    this.setData({ leaving: everywhere ? 'everywhere' : 'here' })
    const left = await latchkey().session.logOut(everywhere)
    this.setData({ leaving: '' })
    if (left.ok) return
    say(left.code === 'offline' ? texts().me.notRevoked : failureText(left, latchkey().language.locale))
  },
})
