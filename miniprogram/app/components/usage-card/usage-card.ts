import { latchkey, texts } from '../../page.ts'
import { emptyHistoryView } from '../../services/history-view.ts'
import { edgesOf, type Period, periods, type Used, usageReadOut, usageView } from '../../services/usage-view.ts'
import { failureText } from '../../texts/failures.ts'

/** How often it asks again while it is shown. */
const redrawMs = 300_000

type Choice = WechatMiniprogram.TouchEvent<object, object, { name: Period }>

/** How much a counter of a device rose by day, week or month in the phone's time zone; `counter` has a name, a label and a unit. */
Component({
  properties: {
    deviceId: String,
    counter: { type: Object, value: {} as { name: string; label: string; unit: string } },
  },
  /** `asked` is the latest request: an older answer that comes later is dropped. */
  data: {
    t: texts().device,
    period: 'day' as Period,
    periods: [] as { name: Period; label: string }[],
    chart: emptyHistoryView,
    note: '',
    pointed: '',
    asked: 0,
    timer: 0,
    used: null as Used | null,
  },
  lifetimes: {
    attached() {
      this.end = latchkey().session.onSignedIn(() => void this.load()) // what happened while there was no connection
      void this.load()
    },
    detached() {
      clearTimeout(this.data.timer)
      this.data.asked = -1
      this.end()
    },
  },
  methods: {
    end() {},
    async load() {
      const { devices, language, session } = latchkey()
      const { deviceId, counter, period } = this.data
      const { device: t } = texts()
      const asked = ++this.data.asked
      clearTimeout(this.data.timer)
      this.data.timer = setTimeout(() => void this.load(), redrawMs)
      const named = (Object.keys(periods) as Period[]).map(name => ({ name, label: t.usageBy[name] }))
      this.setData({ t, periods: named, ...(!this.data.used && { note: t.loading }) })
      const edgesMs = edgesOf(period, session.now())
      const answer = await devices.usage(deviceId, counter.name, edgesMs)
      if (asked !== this.data.asked) return
      if (answer.ok) {
        this.data.used = { amounts: answer.data.amounts, edgesMs, period, unit: counter.unit }
        this.setData({ chart: usageView(this.data.used, language.locale), note: t.noUsage })
      } else if (!this.data.used) this.setData({ note: failureText(answer, language.locale) })
    },
    choose(event: Choice) {
      this.data.used = null
      this.setData({ period: event.currentTarget.dataset.name, chart: emptyHistoryView })
      void this.load()
    },
    look({ detail }: WechatMiniprogram.CustomEvent<{ along: number }>) {
      const { used } = this.data
      if (used) this.setData({ pointed: usageReadOut(used, detail.along, latchkey().language.locale) })
    },
  },
})
