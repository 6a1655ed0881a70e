import type { JsonValue } from '../../../../src/protocol/json.ts'
import { latchkey, texts } from '../../page.ts'
import { type Control, filledOf, valueText } from '../../services/controls.ts'
import { slidTo } from '../../services/entry.ts'

/** Taps that come faster than this are one command. */
const gatherMs = 400

/**
 * The target temperature, on a dial with buttons for one step less and more. Tells `change` with `{ name, value }`, and `refused` when it cannot be set now.
 */
Component({
  properties: { control: { type: Object, value: {} as Control & { now: string } }, disabled: Boolean },
  /** The value that is shown; between a tap and its command, the one that was tapped. */
  data: { shown: '', filled: 0, wanted: null as JsonValue, gathering: 0, t: texts().device },
  observers: {
    control(control: Control) {
      if (this.data.wanted === null) this.show(control, control.value)
    },
  },
  lifetimes: {
    attached() {
      this.setData({ t: texts().device })
    },
    detached() {
      if (this.data.wanted !== null) this.tell()
    },
  },
  methods: {
    show({ unit, min, max }: Control, value: JsonValue) {
      this.setData({ shown: valueText(value, unit, latchkey().language.locale), filled: filledOf(value, min, max) })
    },
    less() {
      this.step(-1)
    },
    more() {
      this.step(1)
    },
    step(direction: 1 | -1) {
      const { control, disabled, gathering, wanted } = this.data
      if (disabled) return this.triggerEvent('refused')
      const from = wanted ?? control.value
      const next = slidTo((typeof from === 'number' ? from : control.min) + direction * control.step)
      if (next < control.min || next > control.max) return
      clearTimeout(gathering)
      this.show(control, next)
      this.setData({ wanted: next, gathering: setTimeout(() => this.tell(), gatherMs) })
    },
    tell() {
      const { control, gathering, wanted } = this.data
      clearTimeout(gathering)
      this.data.wanted = null
      this.triggerEvent('change', { name: control.name, value: wanted })
    },
  },
})
