import { serverUrl } from './config.ts'

App({
  events: [] as string[],
  serverUrl,
  wx,
  onLaunch() {
    this.events.push('launch')
  },
  onShow() {
    this.events.push('show')
  },
  onHide() {
    this.events.push('hide')
  },
})
