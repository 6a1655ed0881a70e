import { confirmed, latchkey, openOver, texts, watch } from '../../page.ts'
import { changes } from '../../services/changes.ts'
import { failureText } from '../../texts/failures.ts'

/** Deletes the account; who owns devices is asked what becomes of them. The app sends the person to the first page when it is done. */
Page({
  data: {
    t: texts().delete,
    common: texts().common,
    hint: '',
    owned: [] as { id: string; name: string }[],
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
    const list = latchkey().devices.list ?? []
    const owned = list.filter(({ role }) => role === 'owner').map(({ id, name }) => ({ id, name }))
    this.setData(changes(this.data, { t, common, hint: bind.passwordHint, owned }))
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
    const { password, owned, agrees, isBusy } = this.data
    const { delete: t } = texts()
    if (isBusy || !password || (owned.length > 0 && !agrees)) return
    if (!(await confirmed(t.askTitle, t.text, t.verb))) return
    this.setData({ isBusy: true, problem: '' })
    const { session, language } = latchkey()
    const done = await session.deleteAccount(password)
    if (done.ok) return
    this.setData({ isBusy: false, problem: done.code === 1 ? t.wrong : failureText(done, language.locale) })
  },
})
