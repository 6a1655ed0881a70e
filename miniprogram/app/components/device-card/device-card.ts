import type { Card } from '../../services/card.ts'

/** One device of the home page. Tells `open`, and `toggle` with `{ on }`. */
Component({
  properties: { card: { type: Object, value: {} as Card } },
  methods: {
    open() {
      this.triggerEvent('open')
    },
    toggle(event: WechatMiniprogram.SwitchChange) {
      this.triggerEvent('toggle', { on: event.detail.value })
    },
  },
})
