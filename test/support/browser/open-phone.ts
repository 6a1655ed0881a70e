import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { PhoneControls, ShareCard } from '../../../miniprogram/preview/runtime/phone.ts'
import type { RunningApp } from '../start-app.ts'
import { sharedBrowser, watchComplaints } from './shared-browser.ts'

declare global {
  /** In what a test gives to `page.evaluate`. */
  const window: { readonly phone: PhoneControls }
}

export interface OpenPhoneOptions {
  readonly running: Pick<RunningApp, 'httpUrl'>
  /** Where the browser finds it, when not at its own address. */
  readonly url?: string
  /** Its WeChat user. */
  readonly user: string
  readonly locale?: 'zh-CN' | 'en'
  readonly colorScheme?: 'light' | 'dark'
  readonly timezoneId?: string
  /** How far its clock is ahead of the world's. */
  readonly clockAheadMs?: number
  readonly width?: number
  /** The page to open first, with its query: where a shared card leads. */
  readonly path?: string
  /** What the console may say of errors and warnings; anything else fails the test when the phone is closed. */
  readonly complaints?: RegExp
}

/** A phone in Chromium that shares nothing with other phones, and what a hand does to it. */
export interface OpenPhone extends AsyncDisposable {
  readonly page: Page
  /** The path of the page in front. */
  route(): Promise<string>
  /** How often the mini-program called `wx.NAME` since it was loaded. */
  calls(name: string): Promise<number>
  scanResult(text: string | null): Promise<void>
  setNetwork(isConnected: boolean): Promise<void>
  /** `forMs` is how long the phone will have been away when it comes back; `socketDies` tells nobody, as iOS. */
  background(options?: { readonly forMs?: number; readonly socketDies?: boolean }): Promise<void>
  foreground(): Promise<void>
  /** The card that was shared last. */
  share(): Promise<ShareCard>
}

/** Opens a phone in the Chromium that the tests of a file share. */
export async function openPhone(options: OpenPhoneOptions): Promise<OpenPhone> {
  const {
    running,
    url = running.httpUrl,
    user,
    locale = 'en',
    colorScheme = 'light',
    timezoneId,
    clockAheadMs = 0,
    width = 375,
    path = '',
    complaints: allowed,
  } = options
  const browser = await sharedBrowser()
  const context = await browser.newContext({
    viewport: { width, height: 812 },
    locale,
    colorScheme,
    ...(timezoneId !== undefined && { timezoneId }),
  })
  context.setDefaultTimeout(60_000)
  if (clockAheadMs !== 0) await context.addInitScript(wrongClock(clockAheadMs))
  const page = await context.newPage()
  const noComplaints = watchComplaints(page, allowed)
  const hash = path && `#${path}`
  await page.goto(`${url}/phone/app.html?user=${encodeURIComponent(user)}${hash}`)
  let awayMs = 0

  return {
    page,
    route: () => page.evaluate(() => window.phone.route()),
    calls: name => page.evaluate(asked => window.phone.calls[asked]?.length ?? 0, name),
    scanResult: text => page.evaluate(read => window.phone.scanResult(read), text),
    setNetwork: isConnected => page.evaluate(on => window.phone.setNetwork(on), isConnected),
    async background({ forMs = 0, socketDies = false } = {}) {
      awayMs = forMs
      await page.evaluate(dies => {
        window.phone.background()
        if (dies) window.phone.dropSilently()
      }, socketDies)
    },
    foreground: () => page.evaluate(ms => window.phone.foreground(ms), awayMs),
    async share() {
      await expect.poll(() => page.evaluate(() => window.phone.lastShare)).toBeDefined()
      const card = await page.evaluate(() => window.phone.lastShare)
      if (!card) throw new Error('nothing was shared')
      return card
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      noComplaints()
    },
  }
}

/** In the page, before anything else: every moment is so much later than it is. */
const wrongClock = (aheadMs: number) => `{
  const World = Date
  globalThis.Date = class extends World {
    constructor(...given) {
      if (given.length === 0) super(World.now() + ${aheadMs})
      else super(...given)
    }
    static now() {
      return World.now() + ${aheadMs}
    }
  }
}`
