import { copy, isOpen, latchkey, texts } from '../../page.ts'
import { failureText } from '../../texts/failures.ts'

/** What is kept of the account, as JSON to read and to copy. */
Page({
  data: { t: texts().export, json: '', problem: '' },

  onLoad() {
    const { export: t } = texts()
    this.setData({ t })
    wx.setNavigationBarTitle({ title: t.title })
    void this.load()
  },
  async load() {
    const { session, language } = latchkey()
    const answer = await session.request('account/export', {})
    if (!isOpen(this)) return
    if (answer.ok) this.setData({ json: JSON.stringify(answer.data, null, 2) })
    else this.setData({ problem: failureText(answer, language.locale) })
  },
  async copy() {
    await copy(this.data.json)
  },
})
