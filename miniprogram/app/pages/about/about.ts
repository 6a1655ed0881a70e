import { serverUrl } from '../../config.ts'
import { texts } from '../../page.ts'
import { licences } from '../../services/licences.ts'
import { version } from '../../version.ts'

/** Which version this is, which server it speaks to, and whose work it uses. */
Page({
  data: { t: texts().about, name: texts().index.title, slogan: '', version, server: '', licences },

  onLoad() {
    const { about, index } = texts()
    const server = serverUrl.replace(/^wss?:\/\//, '').replace(/\/.*$/, '')
    this.setData({ t: about, name: index.title, slogan: index.slogan, server })
    wx.setNavigationBarTitle({ title: about.title })
  },
})
