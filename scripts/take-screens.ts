import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { startSimulator } from '../devices/simulators/start-simulator.ts'
import { textsIn } from '../miniprogram/app/texts/texts-in.ts'
import { type Locale, locales } from '../src/protocol/codes.ts'
import { openStore } from '../src/store/open-store.ts'
import { type LatchkeyProcess, startLatchkey } from './tour/latchkey-process.ts'

// Every page of the phone, in both languages, light and dark, at three widths, to be looked at: npm run screens, into build/screens. What a finger cannot hit and what is wider
// than the phone is printed. Names of pictures after -- make those alone: npm run screens -- share home

const wanted = process.argv.slice(2)

const folder = join(import.meta.dirname, '../build/screens')
const widths = [320, 375, 430]
const themes = ['light', 'dark'] as const
const types = ['lamp', 'thermostat', 'plug', 'sensor']
/** Beside one of each: off, and enough of them that they are searched. */
const others = ['away', 'bed', 'desk']

const names: Readonly<Record<string, string>> = {
  ...{ lamp: '吊灯', thermostat: '温控器', plug: '咖啡机插座', sensor: '温湿度传感器' },
  ...{ away: '离线灯', bed: '床头灯', desk: '台灯' },
}

/** The smallest thing that a finger hits, in CSS pixels. */
const least = 44
const measure = `(() => {
  const seen = element => element.offsetParent && element.getBoundingClientRect().width > 0
  const small = [...document.querySelectorAll('[role=button],[role=radio],[role=switch],[role=link],[role=checkbox],wx-button,picker')]
    .filter(seen)
    .map(element => [element, (element.closest('label') ?? element).getBoundingClientRect()])
    .filter(([, box]) => box.height < ${least} || box.width < ${least})
    .map(([element, box]) => (element.getAttribute('aria-label') || element.textContent).trim().slice(0, 30) + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))
  const wide = [...document.querySelectorAll('*')]
    .filter(seen)
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(element).position !== 'absolute')
    .map(element => element.className + ': ' + element.textContent.trim().slice(0, 30))
  return { small, wide: wide.slice(0, 3) }
})()`

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

/** A person with devices: an invitation of theirs, what their phone keeps, and what that of a friend does, who may look at the lamp. */
interface Household {
  readonly invitation: string
  readonly phone: StorageState
  readonly friend: StorageState
}

/** Somebody makes an account on a phone of their own. */
async function register(browser: Browser, latchkey: LatchkeyProcess, locale: Locale, user: string, username: string) {
  const { bind, common, home, register: t } = textsIn(locale)
  const context = await browser.newContext({ viewport: { width: 375, height: 812 }, locale })
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${latchkey.ports.http}/phone/app.html?user=${user}`)
  await page.getByRole('radio', { name: bind.newHere }).waitFor()
  const typed = (label: string) => page.getByLabel(label, { exact: true }).filter({ visible: true })
  await typed(common.username).fill(username)
  await typed(common.password).fill('correct horse')
  await typed(t.repeat).fill('correct horse')
  await page.getByRole('button', { name: t.submit }).filter({ visible: true }).click()
  await page.getByText(home.emptyTitle).waitFor()
  return { context, page }
}

async function account(browser: Browser, latchkey: LatchkeyProcess, locale: Locale): Promise<Household> {
  const owner = locale === 'en' ? 'Alexandra' : '小安'
  const { context, page } = await register(browser, latchkey, locale, locale, owner)
  const claim = (id: string, code: string) =>
    page.evaluate(`phone.app().devices.claim(${JSON.stringify(id)}, ${JSON.stringify(code)})`)
  for (const type of [...types, ...others]) {
    const id = `${type}-${locale}`
    const name =
      others.indexOf(type) > 0
        ? locale === 'en'
          ? `${type} lamp`
          : (names[type] ?? type)
        : locale === 'en'
          ? `The ${type} of the living room upstairs`
          : `楼上客厅的${names[type] ?? type}`
    const made = await latchkey.run([
      'device',
      'add',
      '--type',
      others.includes(type) ? 'lamp' : type,
      '--id',
      id,
      '--name',
      name,
    ])
    if (type !== 'away')
      startSimulator({
        type: others.includes(type) ? 'lamp' : type,
        url: latchkey.mqttUrl,
        id,
        secret: made.secret ?? '',
        onRefused: () => {},
      })
    await claim(id, made.claimCode ?? '')
  }
  const invite = async () => {
    const shared = await page.evaluate(`phone.app().devices.share('lamp-${locale}', 'viewer')`)
    return (shared as { data: { invitation: string } }).data.invitation
  }
  const friend = await register(browser, latchkey, locale, `${locale}-friend`, locale === 'en' ? 'Benjamin' : '小博')
  await friend.page.evaluate(`phone.app().devices.accept('${await invite()}')`)
  const made = {
    invitation: await invite(),
    phone: await context.storageState(),
    friend: await friend.context.storageState(),
  }
  await context.close()
  await friend.context.close()
  return made
}

async function recordYear(dataDir: string): Promise<void> {
  const store = await openStore({ file: join(dataDir, 'latchkey.db'), now: Date.now })
  const hours = Array.from({ length: 24 * 360 }, (_, n) => Date.now() - (24 * 360 - n) * 3_600_000)
  for (const locale of locales)
    await store.history.record(
      hours.flatMap((atMs, n) => [
        { deviceId: `plug-${locale}`, property: 'energy', atMs, value: n * 0.06 + Math.sin(n / 90) },
        {
          deviceId: `sensor-${locale}`,
          property: 'temperature',
          atMs,
          value: 20 + 6 * Math.sin(n / 4) * Math.sin(n / 900),
        },
      ]),
    )
  await store.close()
}

interface Screen {
  readonly name: string
  readonly path: string
  readonly user?: string
  /** What is done there before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>
}

/** The button or the row of this name, wherever the page has scrolled to. */
const tap = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()

const screensOf = (locale: Locale, invitation: string): Screen[] => {
  const { bind, device, index, me, share, export: exported } = textsIn(locale)
  const lamp = `pages/device/device?id=lamp-${locale}`
  const offline = async (page: Page) => {
    await page.locator('.cell').first().waitFor()
    await page.evaluate('phone.setNetwork(false)')
  }
  return [
    { name: 'first', path: '', user: 'nobody' },
    {
      name: 'first-known',
      path: '',
      user: 'nobody',
      act: async page => {
        await page.getByRole('radio', { name: bind.haveAccount }).click()
        await page.locator('input').nth(0).fill('nobody')
        await page.locator('input').nth(1).fill('not the password')
        await tap(page, bind.submit)
        await page.getByRole('alert').waitFor()
      },
    },
    { name: 'invited-guest', path: `pages/accept/accept?invitation=${invitation}`, user: 'nobody' },
    { name: 'invited', path: `pages/accept/accept?invitation=${invitation}` },
    { name: 'home', path: 'pages/home/home' },
    { name: 'home-offline', path: 'pages/home/home', act: offline },
    ...[...types, 'away'].map(type => ({
      name: `device-${type}`,
      path: `pages/device/device?id=${type}-${locale}`,
      act: async (page: Page) => {
        if (type === 'plug' || type === 'sensor')
          await page.getByRole('radio', { name: textsIn(locale).device.year, exact: true }).click()
      },
    })),
    {
      name: 'lamp-on',
      path: `pages/device/device?id=desk-${locale}`,
      act: async page => {
        const power = page.locator('.power:not(.disabled)')
        if ((await power.getAttribute('aria-checked')) === 'false') await power.click()
      },
    },
    { name: 'device-viewer', path: lamp, user: `${locale}-friend` },
    { name: 'dialog-rename', path: lamp, act: page => tap(page, device.name) },
    { name: 'dialog-remove', path: lamp, act: page => tap(page, device.release) },
    { name: 'dialog-privacy', path: lamp, act: page => tap(page, device.copyId) },
    {
      name: 'sheet-mode',
      path: `pages/device/device?id=thermostat-${locale}`,
      act: page => page.locator('picker').click(),
    },
    {
      name: 'toast',
      path: `pages/device/device?id=away-${locale}`,
      act: page => page.locator('.power').click({ force: true }), // it is disabled, and says why
    },
    ...['add', 'me', 'password', 'unbind', 'sessions', 'export', 'delete', 'help', 'about'].map(name => ({
      name,
      path: `pages/${name}/${name}`,
      ...(name === 'export' && { act: (page: Page) => page.getByText(exported.send).waitFor() }),
    })),
    { name: 'dialog-logout', path: 'pages/me/me', act: page => tap(page, me.logOutEverywhere) },
    { name: 'share', path: `pages/share/share?id=lamp-${locale}` },
    {
      name: 'share-ready',
      path: `pages/share/share?id=lamp-${locale}`,
      act: async page => {
        await tap(page, share.create)
        await page.getByText(share.ready).waitFor()
        await page.evaluate('document.querySelector("wx-page").scrollTo(0, 9999)')
      },
    },
    {
      name: 'failed',
      path: '',
      user: 'nobody',
      act: async page => {
        await page.addInitScript('globalThis.WebSocket = class { constructor() { throw new Error("no network") } }')
        await page.reload()
        await page.getByText(index.failed).waitFor({ timeout: 15_000 })
      },
    },
  ]
}

async function take(browser: Browser, latchkey: LatchkeyProcess, locale: Locale, made: Household) {
  for (const width of widths)
    for (const colorScheme of themes) {
      const told = (width === 320 && colorScheme === 'light') || width === 430
      for (const { name, path, user = locale, act } of screensOf(locale, made.invitation)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue
        const tall = name.startsWith('device') || ['help', 'about', 'home', 'export'].includes(name)
        const context = await browser.newContext({
          viewport: { width, height: tall ? 1700 : 760 },
          locale,
          colorScheme,
          timezoneId: 'Asia/Shanghai',
          ...(user !== 'nobody' && { storageState: user === locale ? made.phone : made.friend }),
        })
        const page = await context.newPage()
        await page.goto(`http://127.0.0.1:${latchkey.ports.http}/phone/app.html?user=${user}${path && `#${path}`}`)
        await act?.(page)
        await page.waitForTimeout(900)
        await page.screenshot({
          path: join(folder, `${locale}-${width}-${colorScheme}-${name}.png`),
          animations: 'disabled',
        })
        const { small, wide } = (await page.evaluate(measure)) as { small: string[]; wide: string[] }
        if (told && small.length + wide.length > 0)
          console.log(`${locale} ${width} ${name}: too small: ${small.join(' | ')}; too wide: ${wide.join(' | ')}`)
        await context.close()
      }
    }
}

const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-screens-'))
const latchkey = await startLatchkey(dataDir, { LATCHKEY_LOG_LEVEL: 'info' })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  mkdirSync(folder, { recursive: true })
  const made = new Map<Locale, Household>()
  for (const locale of locales) made.set(locale, await account(browser, latchkey, locale))
  await recordYear(dataDir)
  for (const [locale, household] of made) await take(browser, latchkey, locale, household)
} finally {
  await browser.close()
  await latchkey.stop()
  await rm(dataDir, { recursive: true, force: true })
}
process.exit(0)
