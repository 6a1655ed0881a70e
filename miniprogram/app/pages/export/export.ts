import { copy, isOpen, latchkey, texts } from '../../page.ts'
import { exportAccount } from '../../services/export-account.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/** What is shown of it; what is copied is whole. A page of megabytes would stand still. */
const mostShown = 20_000

/** What is kept of the account, as JSON to read and to copy. */
Page({
  data: { t: texts().export, json: '', isCut: false, problem: '', progress: '' },
  whole: '',
  isLoading: false,
  end: () => {},

  onLoad() {
    const { export: t } = texts()
    this.setData({ t, progress: t.loading })
    wx.setNavigationBarTitle({ title: t.title })
    this.end = latchkey().session.onSignedIn(() => void this.load()) // what could not be asked while there was no connection
    void this.load()
  },
  onUnload() {
    this.end()
  },
  async load() {
    if (this.isLoading || this.whole) return
    this.isLoading = true
    this.setData({ problem: '' })
    const { session, language } = latchkey()
    const answer = await exportAccount({
      session,
      progress: days => this.setData({ progress: phrases[language.locale].daysLoaded(days) }),
      isWanted: () => isOpen(this),
    })
    this.isLoading = false
    if (!isOpen(this)) return
    if (!answer.ok) return this.setData({ problem: failureText(answer, language.locale) })
    this.whole = JSON.stringify(answer.data, null, 2)
    this.setData({ json: this.whole.slice(0, mostShown), isCut: this.whole.length > mostShown })
  },
  async copy() {
    await copy(this.whole)
  },
})
