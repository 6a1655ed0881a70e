import { serverUrl } from '../../config.ts'
import { texts } from '../../page.ts'
import { licences } from '../../services/licences.ts'
import { version } from '../../version.ts'

/** The version, the server, and the licences of the packages that are used. */
Page({
  data: { t: texts().about, name: texts().index.title, slogan: '', version, server: '', licences },

  onLoad() {
    const { about, index } = texts()
    const server = serverUrl.replace(/^wss?:\/\//, '').replace(/\/.*$/, '')
    this.setData({ t: about, name: index.title, slogan: index.slogan, server })
    wx.setNavigationBarTitle({ title: about.title })
  },
})
