import { texts } from '../../page.ts'

/** What people ask most often. */
Page({
  data: { items: texts().help.items },

  onLoad() {
    const { title, items } = texts().help
    this.setData({ items })
    wx.setNavigationBarTitle({ title })
  },
})
