import { emptyHistoryView } from '../../services/history-view.ts'

/** Edges of the chart within a page of 750 rpx: the card's margin and padding, which pages give it, and the room for the marks beside it. */
const leftRpx = 136
const widthRpx = 562
/** How long the read-out stays after the finger has left. */
const pointedMs = 4000

/**
 * A drawn history: `chart` is what history-view.ts makes, `empty` what stands there when there is nothing to draw. Tells `look` with `{ along }`, from 0 to 1, where a
 * finger is, and shows in `pointed` what it is told.
 */
Component({
  properties: {
    chart: { type: Object, value: emptyHistoryView },
    empty: String,
    label: String,
    pointed: String,
  },
  data: { at: 0, isPointing: false, leaveTimer: 0 },
  lifetimes: {
    detached() {
      clearTimeout(this.data.leaveTimer)
    },
  },
  methods: {
    touch({ touches }: WechatMiniprogram.TouchEvent) {
      if (touches[0]) this.point(touches[0].clientX)
    },
    tap({ detail }: WechatMiniprogram.CustomEvent<{ x: number }>) {
      this.point(detail.x)
    },
    point(x: number) {
      const rpx = (x / wx.getWindowInfo().windowWidth) * 750
      const along = Math.min(1, Math.max(0, (rpx - leftRpx) / widthRpx))
      clearTimeout(this.data.leaveTimer)
      const leaveTimer = setTimeout(() => this.setData({ isPointing: false }), pointedMs)
      this.setData({ at: along * 100, isPointing: true, leaveTimer })
      this.triggerEvent('look', { along })
    },
  },
})
