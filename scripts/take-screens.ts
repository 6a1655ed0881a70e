import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startSimulator } from '../devices/simulators/start-simulator.ts'
import { textsIn } from '../miniprogram/app/texts/texts-in.ts'
import { type Locale, locales } from '../src/protocol/codes.ts'
import { openStore } from '../src/store/open-store.ts'
import { type LatchkeyProcess, startLatchkey } from './tour/latchkey-process.ts'

// Every page of the phone, in both languages, light and dark, at three widths, to be looked at: npm run screens, into build/screens. What a finger cannot hit and what is wider
// than the phone is printed.

const folder = join(import.meta.dirname, '../build/screens')
const widths = [320, 375, 430]
const themes = ['light', 'dark'] as const
const types = ['lamp', 'thermostat', 'plug', 'sensor']

/** The smallest thing that a finger hits, in CSS pixels. */
const least = 44
const measure = `(() => {
  const seen = element => element.offsetParent && element.getBoundingClientRect().width > 0
  const small = [...document.querySelectorAll('[role=button],[role=radio],[role=switch],[role=link],[role=checkbox],wx-button,wx-input')]
    .filter(seen)
    .map(element => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.height < ${least} || box.width < ${least})
    .map(([element, box]) => (element.getAttribute('aria-label') || element.textContent).trim().slice(0, 30) + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))
  const wide = [...document.querySelectorAll('*')]
    .filter(seen)
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(element).position !== 'absolute')
    .map(element => element.className + ': ' + element.textContent.trim().slice(0, 30))
  return { small, wide: wide.slice(0, 3) }
})()`

async function account(browser: Browser, latchkey: LatchkeyProcess, locale: Locale): Promise<Record<string, string>> {
  const { bind, common, home, register } = textsIn(locale)
  const context = await browser.newContext({ viewport: { width: 375, height: 812 }, locale })
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${latchkey.ports.http}/phone/app.html?user=${locale}`)
  await page.getByRole('radio', { name: bind.newHere }).waitFor()
  const typed = (label: string) => page.getByLabel(label, { exact: true }).filter({ visible: true })
  await typed(common.username).fill(locale === 'en' ? 'Alexandra' : '小安')
  await typed(common.password).fill('correct horse')
  await typed(register.repeat).fill('correct horse')
  await page.getByRole('button', { name: register.submit }).filter({ visible: true }).click()
  await page.getByText(home.emptyTitle).waitFor()
  const claim = (id: string, code: string) =>
    page.evaluate(`phone.app().devices.claim(${JSON.stringify(id)}, ${JSON.stringify(code)})`)
  for (const type of [...types, 'away']) {
    const id = `${type}-${locale}`
    const name =
      locale === 'en' ? `The ${type} of the living room upstairs` : `楼上客厅的${type === 'away' ? '离线灯' : type}`
    const made = await latchkey.run([
      'device',
      'add',
      '--type',
      type === 'away' ? 'lamp' : type,
      '--id',
      id,
      '--name',
      name,
    ])
    if (type !== 'away')
      startSimulator({ type, url: latchkey.mqttUrl, id, secret: made.secret ?? '', onRefused: () => {} })
    await claim(id, made.claimCode ?? '')
  }
  const shared = (await page.evaluate(`phone.app().devices.share('lamp-${locale}', 'viewer')`)) as {
    data: { invitation: string }
  }
  await context.close()
  return { invitation: shared.data.invitation }
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

const screensOf = (locale: Locale, invitation: string): Screen[] => [
  { name: 'first', path: '', user: 'nobody' },
  { name: 'invited-guest', path: `pages/accept/accept?invitation=${invitation}`, user: 'nobody' },
  { name: 'home', path: 'pages/home/home' },
  ...[...types, 'away'].map(type => ({
    name: `device-${type}`,
    path: `pages/device/device?id=${type}-${locale}`,
    act: async (page: Page) => {
      if (type === 'plug' || type === 'sensor')
        await page.getByRole('radio', { name: textsIn(locale).device.year, exact: true }).click()
    },
  })),
  ...['add', 'me', 'password', 'unbind', 'sessions', 'export', 'delete', 'help', 'about'].map(name => ({
    name,
    path: `pages/${name}/${name}`,
  })),
  { name: 'share', path: `pages/share/share?id=lamp-${locale}` },
]

async function take(browser: Browser, latchkey: LatchkeyProcess, locale: Locale, invitation: string): Promise<void> {
  for (const width of widths)
    for (const colorScheme of themes) {
      const told = (width === 320 && colorScheme === 'light') || width === 430
      for (const { name, path, user = locale, act } of screensOf(locale, invitation)) {
        const tall = name.startsWith('device') || ['help', 'about', 'home', 'export'].includes(name)
        const context = await browser.newContext({
          viewport: { width, height: tall ? 1700 : 760 },
          locale,
          colorScheme,
          timezoneId: 'Asia/Shanghai',
        })
        const page = await context.newPage()
        await page.goto(`http://127.0.0.1:${latchkey.ports.http}/phone/app.html?user=${user}${path && `#${path}`}`)
        await act?.(page)
        await page.waitForTimeout(1400)
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
  const made = new Map<Locale, string>()
  for (const locale of locales) made.set(locale, (await account(browser, latchkey, locale)).invitation ?? '')
  await recordYear(dataDir)
  for (const [locale, invitation] of made) await take(browser, latchkey, locale, invitation)
} finally {
  await browser.close()
  await latchkey.stop()
  await rm(dataDir, { recursive: true, force: true })
}
process.exit(0)
