import { parseTopic } from '../../src/protocol/topics.ts'
import { serverUrl } from './config.ts'
import type { LatchkeyApp } from './page.ts'
import { createAppLifecycle } from './platform/app-lifecycle.ts'
import { createWxPlatform } from './platform/wx-platform.ts'
import { createArrangement } from './services/arrangement.ts'
import { createServices } from './services/create-services.ts'
import { createLanguage } from './services/language.ts'
import { textsIn } from './texts/texts-in.ts'
import { md5 } from './vendor/md5.js'
import { connect, textOf } from './vendor/mqtt.js'

/** Pages that are there for people who are not signed in. */
const openPages = ['pages/index/index', 'pages/bind/bind', 'pages/accept/accept']

const platform = createWxPlatform()
const language = createLanguage(platform)
const arrangement = createArrangement(platform)
const { session, devices } = createServices({ platform, connect, textOf, md5, serverUrl })
const lifecycle = createAppLifecycle(session)

/** When nobody is signed in any more, the pages that need somebody are left. */
function leaveWhenSignedOut(): void {
  const route = getCurrentPages().slice(-1)[0]?.route
  if (session.status === 'signed-out' && (route === undefined || !openPages.includes(route)))
    wx.reLaunch({ url: '/pages/index/index' })
}

/** The account of another WeChat user is signed in from now on. */
function warnOfLink(topic: string): void {
  const told = parseTopic(topic)
  if (told?.kind !== 'notify' || told.name !== 'wechat-linked') return
  const { me, common } = textsIn(language.locale)
  void wx.showModal({ title: me.linked, content: me.linkedText, showCancel: false, confirmText: common.confirm })
}

App<LatchkeyApp>({
  session,
  devices,
  language,
  arrangement,
  isOpening: false,
  onLaunch({ path }) {
    session.onChange(leaveWhenSignedOut)
    session.onMessage(warnOfLink)
    // A favourite opens on the page where it was kept: a person who is signed in may stay there.
    if (!openPages.includes(path)) void session.start().then(leaveWhenSignedOut)
  },
  onShow() {
    lifecycle.onShow()
  },
  onHide() {
    lifecycle.onHide()
  },
})
