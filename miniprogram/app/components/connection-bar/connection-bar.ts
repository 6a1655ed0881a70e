import { latchkey, texts, watch } from '../../page.ts'

/** A connection that is back this soon is not mentioned. */
const patienceMs = 700

/** Says so when the connection to the broker is lost. */
Component({
  data: { isShown: false, text: '' },
  lifetimes: {
    attached() {
      let timer = 0
      const draw = () => {
        clearTimeout(timer)
        if (latchkey().session.status === 'online') this.setData({ isShown: false })
        else timer = setTimeout(() => this.setData({ isShown: true, text: texts().common.reconnecting }), patienceMs)
      }
      const end = watch(draw, latchkey().session)
      this.end = () => {
        clearTimeout(timer)
        end()
      }
    },
    detached() {
      this.end()
    },
  },
  methods: {
    end() {},
  },
})
