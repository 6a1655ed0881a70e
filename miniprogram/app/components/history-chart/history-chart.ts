/** Edges of the chart within a page of 750 rpx: the card's margin and padding, which pages give it. */
const leftRpx = 52
const widthRpx = 646

/** A drawn history: `chart` is what history-view.ts makes, `empty` what stands there when there is nothing to draw. Tells `look` with `{ along }`, from 0 to 1. */
Component({
  properties: {
    chart: { type: Object, value: {} as object },
    empty: String,
    label: String,
    pointed: String,
  },
  data: { at: 0, isPointing: false },
  methods: {
    point({ touches }: WechatMiniprogram.TouchEvent) {
      const touch = touches[0]
      if (!touch) return
      const rpx = (touch.clientX / wx.getWindowInfo().windowWidth) * 750
      const along = Math.min(1, Math.max(0, (rpx - leftRpx) / widthRpx))
      this.setData({ at: along * 100, isPointing: true })
      this.triggerEvent('look', { along })
    },
    leave() {
      this.setData({ isPointing: false })
    },
  },
})
