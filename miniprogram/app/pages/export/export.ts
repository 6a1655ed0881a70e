import { copy, isOpen, latchkey, say, texts } from '../../page.ts'
import { createSharedFile, type SharedFile } from '../../platform/shared-file.ts'
import { exportAccount } from '../../services/export-account.ts'
import { day } from '../../services/times.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/** How much of it is shown; all of it is copied. A page of megabytes would freeze. */
const maxShown = 20_000

/** The data of the account, as JSON to read, to copy, and to send as a file. */
Page({
  data: { t: texts().export, json: '', isCut: false, isFile: false, problem: '', progress: '' },
  whole: '',
  file: undefined as SharedFile | undefined,
  isLoading: false,
  end: () => {},

  onLoad() {
    const { export: t } = texts()
    this.setData({ t, progress: t.loading })
    this.file = createSharedFile(`latchkey-${day(Date.now())}.json`)
    wx.setNavigationBarTitle({ title: t.title })
    this.end = latchkey().session.onSignedIn(() => void this.load()) // requests that were impossible without a connection
    void this.load()
  },
  onUnload() {
    this.file?.remove()
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
    const isFile = (await this.file?.write(this.whole)) ?? false
    if (!isOpen(this)) return this.file?.remove()
    this.setData({ json: this.whole.slice(0, maxShown), isCut: this.whole.length > maxShown, isFile })
  },
  async send() {
    if ((await this.file?.share()) === 'failed') say(texts().export.notSent)
  },
  async copy() {
    await copy(this.whole)
  },
})
