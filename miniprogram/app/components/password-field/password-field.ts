import { texts } from '../../page.ts'

/** A password with a button that shows it. Tells `input` with `{ value }` and `confirm`. */
Component({
  properties: { label: String, hint: String, value: String, disabled: Boolean },
  data: { isShown: false, t: texts().common },
  lifetimes: {
    attached() {
      this.setData({ t: texts().common })
    },
  },
  methods: {
    type(event: WechatMiniprogram.Input) {
      this.triggerEvent('input', { value: event.detail.value })
    },
    done() {
      this.triggerEvent('confirm')
    },
    toggle() {
      this.setData({ isShown: !this.data.isShown })
    },
  },
})
