import { confirmed, latchkey, openOver, problemOn, texts, watch } from '../../page.ts'
import { changes } from '../../services/changes.ts'
import { failureText } from '../../texts/failures.ts'

/** Deletes the account; a person who owns devices is asked what becomes of them. Afterwards the app sends the person to the first page. */
Page({
  data: {
    t: texts().delete,
    common: texts().common,
    hint: '',
    owned: [] as { id: string; name: string }[],
    /** As long as it is not known what is owned, nothing can be agreed to. */
    isKnown: false,
    note: '',
    agrees: false,
    password: '',
    problem: '',
    isBusy: false,
  },
  end: () => {},

  onLoad() {
    wx.setNavigationBarTitle({ title: texts().delete.title })
    const { devices, language } = latchkey()
    this.end = watch(() => this.draw(), devices, language)
  },
  onUnload() {
    this.end()
  },
  draw() {
    const { delete: t, common, bind } = texts()
    const { devices, language } = latchkey()
    const { list, failure } = devices
    const owned = (list ?? []).filter(({ role }) => role === 'owner').map(({ id, name }) => ({ id, name }))
    // The person agrees to the list as it was then.
    const isAnother = owned.some(({ id }) => !this.data.owned.some(before => before.id === id))
    const agrees = this.data.agrees && !isAnother
    const note = failure ? failureText(failure, language.locale) : texts().device.loading
    const wanted = { t, common, hint: bind.passwordHint, owned, agrees, isKnown: list !== undefined, note }
    this.setData(changes(this.data, wanted))
  },
  handOver(event: WechatMiniprogram.TouchEvent<object, object, { id: string }>) {
    openOver(this, `/pages/share/share?id=${event.currentTarget.dataset.id}`)
  },
  agree() {
    this.setData({ agrees: !this.data.agrees })
  },
  type(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ password: event.detail.value, problem: '' })
  },
  async submit() {
    const { password, owned, agrees, isKnown, isBusy } = this.data
    const { delete: t } = texts()
    if (isBusy || !isKnown || !password || (owned.length > 0 && !agrees)) return
    if (!(await confirmed(t.askTitle, t.text, t.verb))) return
    this.setData({ isBusy: true, problem: '' })
    const { session, language } = latchkey()
    const done = await session.deleteAccount(password)
    if (done.ok) return
    problemOn(this, done.code === 1 ? t.wrong : failureText(done, language.locale))
  },
})
