import { isJsonObject, type JsonObject } from '../../../src/protocol/json.ts'
import type { PackageContent } from '../package-content.ts'
import { createLifecycle } from './lifecycle.ts'
import { createModules, type ModuleCode } from './modules.ts'
import { functionIn } from './options.ts'
import { createPageHost, type PageView } from './page-host.ts'
import { createPageStack, type PageStack, parseUrl } from './page-stack.ts'
import type { PhoneControls, PhoneState, ShareCard, Theme } from './phone.ts'
import { type CompiledTemplateGroups, registerPackage } from './register-package.ts'
import type { Settings } from './settings.ts'
import { type ShareSource, shareCard } from './share.ts'
import { type Bars, createBars } from './shell/bars.ts'
import { createDialogs } from './shell/dialogs.ts'
import { createSignals } from './signals.ts'
import { createStyleSheets } from './style-sheets.ts'
import { tagDefinitions } from './tags/tag-definitions.ts'
import { wordsOf } from './words.ts'
import { abilityApis } from './wx/abilities.ts'
import { createApis } from './wx/apis.ts'
import { createWx } from './wx/create-wx.ts'
import { dialogApis } from './wx/dialogs.ts'
import { fileApis } from './wx/files.ts'
import { pageApis } from './wx/page-apis.ts'
import { createPrivacy } from './wx/privacy.ts'
import { routerApis } from './wx/router.ts'
import { createSockets } from './wx/sockets.ts'
import { storageApis } from './wx/storage.ts'
import { systemApis } from './wx/system.ts'

export interface PhoneOptions {
  readonly content: PackageContent
  readonly templates: CompiledTemplateGroups
  readonly modules: Readonly<Record<string, ModuleCode>>
  readonly settings: Settings
  /** The broker's address, in place of the one in config.js. */
  readonly serverUrl: string
  /** Told of every card that is shared. */
  readonly onShare: (card: ShareCard) => void
}

const report = (error: unknown) => console.error(error)

/** Starts the mini-program in this document, as WeChat does when it is opened. */
export function startPhone({
  content,
  templates,
  modules: code,
  settings,
  serverUrl,
  onShare,
}: PhoneOptions): PhoneControls {
  const { app: appJson, theme: themes, pages } = content
  const words = wordsOf(settings.language)
  const phone = createState(settings, appJson.darkmode === true)
  const signals = createSignals()
  const styleSheets = createStyleSheets(phone.theme)
  const dialogs = createDialogs(words)
  const apis = createApis()
  const first = parseUrl(`/${settings.page || String(appJson.entryPagePath ?? pages[0])}`, '')
  const launch = { path: first.route, query: first.query, scene: 1001, referrerInfo: {} }

  // The functions of `wx` reach pages and bars only later, when these are made.
  let stack: PageStack
  let bars: Bars
  let lastShare: ShareCard | undefined
  let app: object = {}

  const lifecycle = createLifecycle({
    phone,
    signals,
    cutSockets: reason => sockets.cut(reason),
    onHide: () => {
      stack.front().hide()
      callApp('onHide')
    },
    onShow: () => {
      callApp('onShow', launch)
      stack.front().show()
    },
  })
  const sockets = createSockets(apis, phone, lifecycle.isFrozen)
  const privacy = createPrivacy(phone, dialogs, words, appJson.__usePrivacyCheck__ === true)
  const router = routerApis(apis, () => stack)
  const wx = createWx(
    [
      router,
      storageApis(apis, phone.user),
      systemApis(apis, phone, launch),
      abilityApis(apis, phone, dialogs, words, privacy),
      fileApis(apis, dialogs, words),
      dialogApis(apis, dialogs, words),
      pageApis(apis, { stack: () => stack, bars: () => bars }),
      { connectSocket: sockets.connectSocket },
    ],
    signals,
  )

  async function share(source: ShareSource): Promise<ShareCard | undefined> {
    const card = await shareCard(stack.front(), source, titleOf(stack.front()))
    if (!card) dialogs.toast(words.notShared, 'none', 1500)
    else {
      lastShare = card
      dialogs.toast(words.shared, 'success', 1000)
      onShare(card)
    }
    return card
  }

  const kinds: Readonly<Record<string, string>> = { navigate: 'navigateTo', redirect: 'redirectTo' }
  const registered = registerPackage({
    content,
    templates,
    styleSheets,
    report,
    tags: tagDefinitions({
      dialogs,
      openTypes: { share: target => void share({ from: 'button', target }) },
      go: (openType, target) => void router[kinds[openType] ?? openType]?.(target),
    }),
  })

  const given: Readonly<Record<string, unknown>> = {
    wx,
    App: (definition: object) => {
      app = definition
    },
    getApp: () => app,
    getCurrentPages: () => stack.pages.map(({ instance }) => instance),
  }
  const modules = createModules({
    code,
    given: name => given[name] ?? ((definition: unknown) => construct(name, definition)),
    overlays: { 'config.js': { serverUrl } },
  })
  function construct(name: string, definition: unknown): unknown {
    const define = registered.constructorOf(name)
    if (typeof define !== 'function') throw new Error(`${name} is not there in the preview`)
    return define(definition)
  }

  const windowOf = (route: string): JsonObject => ({
    ...(isJsonObject(appJson.window) && appJson.window),
    ...content.components[route]?.config,
  })
  const titleOf = ({ route, title }: PageView) => title ?? String(windowOf(route).navigationBarTitleText ?? '')
  const drawBars = (page: PageView, depth: number) =>
    bars.show({
      route: page.route,
      title: titleOf(page),
      hasBack: depth > 1,
      isTab: bars.isTab(page.route),
      window: windowOf(page.route),
    })
  function callApp(method: string, ...arguments_: unknown[]): void {
    try {
      functionIn(app, method)?.(...arguments_)
    } catch (error) {
      report(error)
    }
  }

  bars = createBars({
    app: appJson,
    themes,
    theme: () => phone.theme,
    words,
    onBack: () => void router.navigateBack?.(),
    onTab: pagePath => void router.switchTab?.({ url: `/${pagePath}` }),
    onMenu: () => void share({ from: 'menu' }),
  })
  const host = createPageHost(registered.space, registered.backend, report)
  stack = createPageStack({
    host,
    isPage: route => pages.includes(route),
    isTab: route => bars.isTab(route),
    changed: drawBars,
  })

  function setTheme(theme: Theme): void {
    if (appJson.darkmode !== true || theme === phone.theme) return
    phone.theme = theme
    document.documentElement.setAttribute('data-theme', theme)
    styleSheets.setTheme(theme)
    drawBars(stack.front(), stack.pages.length)
    signals.emit('ThemeChange', { theme })
  }
  document.documentElement.setAttribute('data-theme', phone.theme)
  document.documentElement.setAttribute('data-style', String(appJson.style ?? ''))
  document.documentElement.lang = phone.language.replace('_', '-')
  if (!settings.theme)
    matchMedia(prefersDark).addEventListener('change', ({ matches }) => setTheme(matches ? 'dark' : 'light'))

  if (modules.has('app.js')) registered.define('app', () => void modules.load('app.js'))
  for (const path of Object.keys(content.components)) {
    if (modules.has(`${path}.js`)) registered.define(path, () => void modules.load(`${path}.js`))
  }
  callApp('onLaunch', launch)
  callApp('onShow', launch)
  stack.reLaunch(`/${settings.page || first.route}`)

  return {
    ...{ background: lifecycle.background, foreground: lifecycle.foreground, dropSilently: sockets.dropSilently },
    setNetwork(isConnected) {
      if (phone.isConnected === isConnected) return
      phone.isConnected = isConnected
      if (!isConnected) sockets.cut('network is down')
      signals.emit('NetworkStatusChange', { isConnected, networkType: isConnected ? 'wifi' : 'none' })
    },
    scanResult: text => {
      phone.scan = text
    },
    forgetConsent: privacy.forget,
    pullDown: () => {
      const front = stack.front()
      if (windowOf(front.route).enablePullDownRefresh !== true) return
      front.element.toggleAttribute('data-pulled', true)
      front.call('onPullDownRefresh')
    },
    share: () => share({ from: 'menu' }),
    get lastShare() {
      return lastShare
    },
    setTheme,
    calls: apis.calls,
    mock: (name, answer) => void apis.mocks.set(name, answer),
    route: () => stack.front().route,
    stack: () => stack.pages.map(({ route }) => route),
    app: <Shape extends object>() => app as Shape,
    data: () => stack.front().data(),
    setDataSize: () => host.setDataSize,
    openSockets: sockets.count,
  }
}

const prefersDark = '(prefers-color-scheme: dark)'

function createState({ user, language, theme, scan }: Settings, hasDarkMode: boolean): PhoneState {
  const wanted = theme ?? (matchMedia(prefersDark).matches ? 'dark' : 'light')
  return {
    user,
    language,
    theme: hasDarkMode ? wanted : 'light',
    isConnected: true,
    isBackground: false,
    scan,
    clipboard: '',
  }
}
