import type { Control } from '../../services/controls.ts'

/** The large switch of a whole device. Tells `change` with `{ name, value }`, and `refused` when it cannot be switched now. */
Component({
  properties: { control: { type: Object, value: {} as Control }, disabled: Boolean, label: String },
  methods: {
    toggle() {
      const { control, disabled } = this.data
      if (disabled) this.triggerEvent('refused')
      else this.triggerEvent('change', { name: control.name, value: control.value !== true })
    },
  },
})
