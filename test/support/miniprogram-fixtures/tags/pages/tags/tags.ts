type Seen = { readonly name: string; readonly detail: unknown; readonly dataset: unknown }

Page({
  data: {
    events: [] as Seen[],
    typed: 'abc',
    on: false,
    level: 40,
    size: 0,
    label: 'First name',
    fruits: ['apple', 'pear'],
    browser: '',
  },
  onLoad() {
    // @ts-expect-error they are not there in a mini-program, which the types know
    const found = [typeof window, typeof fetch, typeof WebSocket, typeof localStorage, typeof globalThis]
    this.setData({ browser: found.every(type => type === 'undefined') ? 'hidden' : String(found) })
  },
  note(event: WechatMiniprogram.CustomEvent) {
    const { type, detail, currentTarget } = event
    this.setData({ events: [...this.data.events, { name: type, detail, dataset: currentTarget.dataset }] })
  },
  rename() {
    this.setData({ label: 'Second name' })
  },
  onSwitch(event: WechatMiniprogram.SwitchChange) {
    this.setData({ on: event.detail.value })
    this.note(event)
  },
  onPullDownRefresh() {
    this.setData({ label: 'Refreshed' })
    wx.stopPullDownRefresh()
  },
  onShareAppMessage({ from }: WechatMiniprogram.Page.IShareAppMessageOption) {
    const promise = Promise.resolve({ title: `by ${from}`, path: '/pages/second/second?from=card' })
    return { title: 'plain', path: '/pages/tags/tags', promise }
  },
})
