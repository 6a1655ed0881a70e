import { latchkey, nameTabs, openOver, say, texts, watch } from '../../page.ts'
import { sortings } from '../../services/arrangement.ts'
import { type Card, cardOf } from '../../services/card.ts'
import { changes, entryChange } from '../../services/changes.ts'
import { failureText, outcomeText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

type Named = WechatMiniprogram.CustomEvent<{ on: boolean }, object, { id: string; name: string }>

/** How many cards are drawn at first; as many more each time the person scrolls to the last one. */
const portion = 30
/** How often the texts that say how long devices have been offline are updated. */
const redrawEveryMs = 30_000

/** All devices as cards, live. */
Page({
  data: {
    t: texts().home,
    common: texts().common,
    state: 'loading' as 'loading' | 'failed' | 'empty' | 'ready',
    /** True when there is no connection: the last known values are shown. */
    isStale: false,
    greeting: '',
    count: '',
    problem: '',
    cards: [] as Card[],
    /** How many devices there are: a few need no search. */
    total: 0,
    search: '',
    sortings: [] as string[],
    sorting: 0,
    skeletons: [0, 1, 2, 3],
  },
  isRetrying: false,
  /** How many cards may be shown. */
  room: portion,
  end: () => {},

  onLoad() {
    const { session, devices, language, arrangement } = latchkey()
    const end = watch(() => this.draw(), session, devices, language, arrangement)
    const timer = setInterval(() => this.draw(), redrawEveryMs)
    this.end = () => {
      clearInterval(timer)
      end()
    }
  },
  onShow() {
    wx.setNavigationBarTitle({ title: texts().home.title })
    nameTabs()
    this.draw()
  },
  onUnload() {
    this.end()
  },
  draw() {
    const { session, devices, language, arrangement } = latchkey()
    const { locale } = language
    const { home, common } = texts()
    const list = devices.list ?? []
    const cards = arrangement
      .arranged(list, this.data.search)
      .slice(0, this.room)
      .map(device => cardOf(device, locale, session.now(), arrangement.isFavourite(device.id)))
    const online = list.filter(device => device.online).length
    const wanted = {
      t: home,
      common,
      state: devices.list
        ? list.length > 0
          ? 'ready'
          : 'empty'
        : devices.failure && !this.isRetrying
          ? 'failed'
          : 'loading',
      isStale: session.status === 'offline',
      greeting: session.account
        ? phrases[locale].greeting(new Date(session.now()).getHours(), session.account.username)
        : home.title,
      count: devices.list ? phrases[locale].deviceCount(list.length, online) : '',
      problem: devices.failure ? failureText(devices.failure, locale) : '',
      cards,
      total: list.length,
      sortings: sortings.map(each => home[each]),
      sorting: sortings.indexOf(arrangement.sorting),
    }
    const different = changes(this.data, wanted)
    if (Object.keys(different).length > 0) this.setData(different)
  },
  onReachBottom() {
    if (this.data.cards.length < this.room) return
    this.room += portion
    this.draw()
  },
  async refresh() {
    this.isRetrying = true
    this.draw()
    const refreshed = await latchkey().devices.refresh()
    this.isRetrying = false
    this.draw()
    if (!refreshed.ok && this.data.state !== 'failed') say(failureText(refreshed, latchkey().language.locale))
  },
  async onPullDownRefresh() {
    await this.refresh()
    wx.stopPullDownRefresh()
  },
  find(event: WechatMiniprogram.Input) {
    this.room = portion
    this.setData({ search: event.detail.value })
    this.draw()
  },
  sort(event: WechatMiniprogram.PickerChange) {
    latchkey().arrangement.sort(sortings[Number(event.detail.value)] ?? 'added')
  },
  add() {
    openOver(this, '/pages/add/add')
  },
  open(event: Named) {
    openOver(this, `/pages/device/device?id=${event.currentTarget.dataset.id}`)
  },
  async toggle(event: Named) {
    const { id, name } = event.currentTarget.dataset
    const { devices, language } = latchkey()
    // The switch has moved by itself. The record of what is shown must say so, or the switch would not be moved back.
    this.setData(entryChange('cards', this.data.cards, card => card.id === id, 'toggle.on', event.detail.on))
    const outcome = await devices.set(id, { [name]: event.detail.on })
    this.draw()
    if (!outcome.done) say(outcomeText(outcome, language.locale))
  },
})
