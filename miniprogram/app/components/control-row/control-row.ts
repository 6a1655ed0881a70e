import type { JsonValue } from '../../../../src/protocol/json.ts'
import { latchkey, say, texts } from '../../page.ts'
import { type Control, filledOf, valueText } from '../../services/controls.ts'
import { parseEntry, slidTo } from '../../services/entry.ts'

/** A thumb that has not moved for this long is not held any more: not every drag ends with a change event. */
const heldMs = 3000

/**
 * * One property, or one field of an action's input. Tells `change` with `{ name, value }`. A `disabled` one shows its value without a control, and tells
 * `refused` when it is tapped; a `bare` one leaves out label and value.
 */
Component({
  properties: { control: { type: Object, value: {} as Control }, disabled: Boolean, bare: Boolean },
  /** While the person drags, `sliding` is shown and the thumb is left alone; otherwise `position` follows the value. */
  data: { sliding: '', slidFilled: 0, position: null as JsonValue, letGoTimer: 0, t: texts().common },
  observers: {
    control({ value }: Control) {
      if (!this.data.sliding && value !== this.data.position) this.setData({ position: value })
    },
  },
  lifetimes: {
    attached() {
      this.setData({ t: texts().common })
    },
    detached() {
      clearTimeout(this.data.letGoTimer)
    },
  },
  methods: {
    tell(value: JsonValue) {
      this.triggerEvent('change', { name: this.data.control.name, value })
    },
    setSwitch(event: WechatMiniprogram.SwitchChange) {
      this.tell(event.detail.value)
    },
    slide(event: WechatMiniprogram.SliderChanging) {
      const { control, letGoTimer } = this.data
      clearTimeout(letGoTimer)
      this.setData({
        sliding: valueText(event.detail.value, control.unit, latchkey().language.locale),
        slidFilled: filledOf(event.detail.value, control.min, control.max),
        letGoTimer: setTimeout(() => this.letGo(), heldMs),
      })
    },
    setSlider(event: WechatMiniprogram.SliderChange) {
      this.tell(slidTo(event.detail.value))
      this.letGo()
    },
    letGo() {
      const { control, letGoTimer } = this.data
      clearTimeout(letGoTimer)
      this.setData({ sliding: '', position: control.value })
    },
    setOption(event: WechatMiniprogram.PickerChange) {
      const option = this.data.control.options[Number(event.detail.value)]
      if (option) this.tell(option.value)
    },
    /** Why it does not move. */
    why() {
      if (this.data.disabled) this.triggerEvent('refused')
    },
    /** A typed number or text. */
    async enter() {
      const { control } = this.data
      const { common, device } = texts()
      const { confirm, content } = await wx.showModal({
        title: control.label,
        editable: true,
        // An empty text is a text too: a person who only looks must not erase the value.
        content: control.kind === 'text' && control.hasValue ? String(control.value) : '',
        placeholderText: control.hasValue ? String(control.value) : device.enter,
        confirmText: common.confirm,
        cancelText: common.cancel,
      })
      if (!confirm || content === undefined) return
      const value = parseEntry(control, content)
      if (value === undefined) say(device.badNumber)
      else this.tell(value)
    },
  },
})
