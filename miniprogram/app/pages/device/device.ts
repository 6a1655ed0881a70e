import type { JsonValue } from '../../../../src/protocol/json.ts'
import { confirmed, copy, isOpen, latchkey, openOver, queryText, say, texts, watch } from '../../page.ts'
import { changes, entryChange } from '../../services/changes.ts'
import { type ActionControl, actionInput, type Control, titleOf } from '../../services/controls.ts'
import { actionsView, deviceView } from '../../services/device-view.ts'
import type { DeviceEvent } from '../../services/devices.ts'
import {
  type Charted,
  chartPoints,
  emptyHistoryView,
  historyView,
  readOut,
  redrawMs,
  type Span,
  spans,
} from '../../services/history-view.ts'
import { clockTime } from '../../services/times.ts'
import { failureText, outcomeText } from '../../texts/failures.ts'

type Change = WechatMiniprogram.CustomEvent<{ name: string; value: JsonValue }, object, { action?: string }>
type Choice<Name> = WechatMiniprogram.TouchEvent<object, object, { name: Name }>

const maxEvents = 5
/** How long a tick stays after an action. */
const doneMs = 2000
/** A value that has just come is drawn together with those that follow it at once. */
const soonMs = 3000

/** One device: everything its thing model says, its history, and what its owner may do with it. */
Page({
  data: {
    t: texts().device,
    common: texts().common,
    id: '',
    name: '',
    icon: 'device',
    role: 'viewer',
    roleText: '',
    online: false,
    presence: '',
    lit: false,
    isFavourite: false,
    canControl: false,
    whyNot: '',
    power: {} as Partial<Control>,
    dial: {} as Partial<Control>,
    controls: [] as readonly Control[],
    readings: [] as readonly Control[],
    actions: [] as readonly ActionControl[],
    /** The actions that are under way. */
    running: {} as Record<string, boolean>,
    /** The action that was just done. */
    done: '',
    isRenaming: false,
    isLeaving: false,
    facts: [] as readonly { label: string; value: string }[],
    events: [] as { key: number; label: string; detail: string; time: string }[],
    counters: [] as readonly { name: string; label: string; unit: string }[],
    recorded: [] as readonly { name: string; label: string }[],
    property: '',
    span: 'hour' as Span,
    spans: [] as { name: Span; label: string }[],
    chart: emptyHistoryView,
    chartNote: '',
    /** The recorded value where a finger points. */
    pointed: '',
  },
  id: '',
  /** Its new name, until the broker has answered. */
  wishedName: '',
  typed: {} as Record<string, Record<string, JsonValue>>,
  /** The latest request for history: an older answer that comes later is dropped. */
  asked: 0,
  charted: undefined as Charted | undefined,
  /** The charted value, as it was last drawn. */
  current: undefined as JsonValue | undefined,
  redrawTimer: 0,
  isRedrawnSoon: false,
  isShown: true,
  eventCount: 0,
  doneTimer: 0,
  end: () => {},

  onLoad(query: { id?: string }) {
    this.id = queryText(query.id)
    const { session, devices, language, arrangement } = latchkey()
    const ends = [
      devices.onEvent(event => this.received(event)),
      session.onSignedIn(() => void this.loadHistory()), // what happened while there was no connection
      watch(() => this.draw(), session, devices, language, arrangement),
    ]
    this.end = () => {
      for (const end of ends) end()
    }
  },
  onShow() {
    this.isShown = true
    if (this.charted) void this.loadHistory()
  },
  onHide() {
    this.isShown = false
    clearTimeout(this.redrawTimer)
  },
  onUnload() {
    clearTimeout(this.doneTimer)
    clearTimeout(this.redrawTimer)
    this.end()
  },
  async onPullDownRefresh() {
    await Promise.all([latchkey().devices.refresh(), this.loadHistory()])
    wx.stopPullDownRefresh()
  },

  draw() {
    const { devices, language, arrangement, session } = latchkey()
    const device = devices.get(this.id)
    if (!device) {
      if (devices.list) this.gone()
      return
    }
    const { device: t, common } = texts()
    const view = deviceView(device, language.locale, session.now())
    const wanted = {
      t,
      common,
      ...view,
      name: this.wishedName || view.name,
      isRenaming: this.wishedName !== '',
      isFavourite: arrangement.isFavourite(this.id),
      actions: actionsView(device, this.typed, language.locale),
      property: this.data.property || (view.recorded[0]?.name ?? ''),
      spans: (Object.keys(spans) as Span[]).map(name => ({ name, label: t[name] })),
    }
    if (wanted.name !== this.data.name) wx.setNavigationBarTitle({ title: wanted.name })
    const isFirst = !this.data.property && wanted.property !== ''
    const different = changes(this.data, wanted)
    if (Object.keys(different).length > 0) this.setData(different)
    const current = device.state[wanted.property]
    if (isFirst) void this.loadHistory()
    else if (current !== this.current && !this.isRedrawnSoon) this.redrawIn(soonMs)
    this.current = current
  },
  /** The person does not have the device any more: it was released, revoked, or handed over. */
  gone() {
    this.end()
    if (!isOpen(this)) return
    say(texts().device.gone)
    wx.switchTab({ url: '/pages/home/home' })
  },

  async set(event: Change) {
    const { name, value } = event.detail
    const { devices, language } = latchkey()
    // The control has moved by itself. The record of what is shown must say so, or the control would not be moved back.
    const isDial = name === this.data.dial.name
    this.setData(
      isDial
        ? { 'dial.value': value }
        : entryChange('controls', this.data.controls, control => control.name === name, 'value', value),
    )
    const outcome = await devices.set(this.id, { [name]: value })
    this.draw()
    if (!outcome.done) say(outcomeText(outcome, language.locale))
  },
  setField(event: Change) {
    const { action = '' } = event.currentTarget.dataset
    this.typed[action] = { ...this.typed[action], [event.detail.name]: event.detail.value }
    this.draw()
  },
  async run(event: WechatMiniprogram.TouchEvent<object, object, { action: string }>) {
    const { action } = event.currentTarget.dataset
    if (!this.data.canControl) return this.why()
    if (this.data.running[action]) return
    const { devices, language } = latchkey()
    const { fields = [], asksFirst, label = '' } = this.data.actions.find(({ name }) => name === action) ?? {}
    const { common, device: t } = texts()
    if (asksFirst && !(await confirmed(label, t.askText, common.confirm))) return
    this.setData({ running: { ...this.data.running, [action]: true } })
    const outcome = await devices.invoke(
      this.id,
      action,
      actionInput(devices.get(this.id)?.model.actions?.[action], fields),
    )
    this.setData({ running: { ...this.data.running, [action]: false }, done: outcome.done ? action : '' })
    if (!outcome.done) return say(outcomeText(outcome, language.locale))
    clearTimeout(this.doneTimer)
    this.doneTimer = setTimeout(() => this.setData({ done: '' }), doneMs)
  },
  /** Says why a control does not move. */
  why() {
    say(this.data.whyNot)
  },
  toggleFavourite() {
    latchkey().arrangement.toggleFavourite(this.id)
  },
  copyId() {
    void copy(this.id)
  },
  received({ deviceId, name, payload }: DeviceEvent) {
    const { devices, language, session } = latchkey()
    const model = devices.get(this.id)?.model
    if (deviceId !== this.id || !model) return
    const label = titleOf(model.events?.[name] ?? {}, name, language.locale)
    const detail = ['{}', 'null', ''].includes(payload) ? '' : payload.slice(0, 80)
    const event = { key: ++this.eventCount, label, detail, time: clockTime(session.now()) }
    this.setData({ events: [event, ...this.data.events].slice(0, maxEvents) })
  },

  chooseProperty(event: Choice<string>) {
    this.chartAnother({ property: event.currentTarget.dataset.name })
  },
  chooseSpan(event: Choice<Span>) {
    this.chartAnother({ span: event.currentTarget.dataset.name })
  },
  /** Asks for it now, and again while the page is shown. */
  async loadHistory() {
    const { devices, language, session } = latchkey()
    const { property, span } = this.data
    if (!property) return
    const question = ++this.asked
    const toMs = session.now()
    if (!this.charted) this.setData({ chartNote: texts().device.loading })
    this.redrawIn(redrawMs[span])
    const answer = await devices.history(this.id, property, toMs - spans[span], toMs, chartPoints)
    const device = devices.get(this.id)
    if (question !== this.asked || !device) return
    if (answer.ok) {
      this.charted = { history: answer.data, device, property, span, toMs }
      this.setData({ chart: historyView(this.charted, language.locale), chartNote: texts().device.noHistory })
    } else if (!this.charted) this.setData({ chartNote: failureText(answer, language.locale) })
  },
  redrawIn(ms: number) {
    clearTimeout(this.redrawTimer)
    this.isRedrawnSoon = ms === soonMs
    if (this.isShown) this.redrawTimer = setTimeout(() => void this.loadHistory(), ms)
  },
  /** Another property or range: the chart that is shown does not belong to it. */
  chartAnother(chosen: { property?: string; span?: Span }) {
    this.charted = undefined
    this.setData({ ...chosen, chart: emptyHistoryView })
    void this.loadHistory()
  },
  look({ detail }: WechatMiniprogram.CustomEvent<{ along: number }>) {
    if (this.charted) this.setData({ pointed: readOut(this.charted, detail.along, latchkey().language.locale) })
  },

  async rename() {
    const { common, device } = texts()
    const { confirm, content } = await wx.showModal({
      title: device.name,
      editable: true,
      content: this.data.name,
      confirmText: common.confirm,
      cancelText: common.cancel,
    })
    const name = content?.trim() ?? ''
    if (!confirm || !name || name === this.data.name) return
    this.wishedName = name
    this.draw()
    const renamed = await latchkey().devices.rename(this.id, name)
    if (this.wishedName !== name) return // another name was chosen since
    this.wishedName = ''
    this.draw()
    if (!renamed.ok) say(renamed.code === 4000 ? device.badName : failureText(renamed, latchkey().language.locale))
  },
  share() {
    openOver(this, `/pages/share/share?id=${this.id}`)
  },
  async leave() {
    const { devices, session, language } = latchkey()
    const { device } = texts()
    const isOwner = this.data.role === 'owner'
    if (this.data.isLeaving) return
    const [title, text, verb] = isOwner
      ? [device.releaseTitle, device.releaseText, device.remove]
      : [device.leaveTitle, device.leaveText, device.leaveVerb]
    if (!(await confirmed(title, text, verb))) return
    this.setData({ isLeaving: true })
    const left = isOwner ? await devices.release(this.id) : await devices.revoke(this.id, session.account?.userId ?? '')
    this.setData({ isLeaving: false })
    if (!left.ok) say(failureText(left, language.locale))
  },
})
