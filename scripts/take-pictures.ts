import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startSimulator } from '../devices/simulators/start-simulator.ts'
import { phrases } from '../miniprogram/app/texts/phrases.ts'
import { textsIn } from '../miniprogram/app/texts/texts-in.ts'
import { type Locale, locales } from '../src/protocol/codes.ts'
import { type LatchkeyProcess, startLatchkey } from './tour/latchkey-process.ts'

// The pictures of the README, from the real pages: npm run pictures, with Chromium where CHROMIUM names it, or /usr/bin/chromium.

const folder = join(import.meta.dirname, '../docs/pictures')
const names: Readonly<Record<Locale, readonly string[]>> = {
  en: ['Hall lamp', 'Bedroom', 'Coffee machine', 'Balcony'],
  'zh-CN': ['客厅灯', '卧室空调', '咖啡机', '阳台'],
}
const types = ['lamp', 'thermostat', 'plug', 'sensor']
const size = { width: 375, height: 700 }

/** The home page, a lamp's and a thermostat's, as PNG. */
async function pagesOf(browser: Browser, latchkey: LatchkeyProcess, locale: Locale): Promise<Buffer[]> {
  const context = await browser.newContext({ viewport: size, deviceScaleFactor: 1.6, locale })
  const page = await context.newPage()
  const { bind, common, device, home, register } = textsIn(locale)
  const button = (name: string | RegExp) => page.getByRole('button', { name }).filter({ visible: true })
  const typed = (label: string) => page.getByLabel(label, { exact: true }).filter({ visible: true })
  await page.goto(`http://127.0.0.1:${latchkey.ports.http}/phone/app.html?user=${locale}`)
  await page.getByRole('radio', { name: bind.newHere }).waitFor()
  await typed(common.username).fill(locale === 'en' ? 'Ann' : '小安')
  await typed(common.password).fill('correct horse')
  await typed(register.repeat).fill('correct horse')
  await button(register.submit).click()
  await page.getByText(home.emptyTitle).waitFor()

  const simulators = []
  for (const [nth, type] of types.entries()) {
    const id = `${type}-${locale}`
    const name = names[locale][nth] ?? type
    const made = await latchkey.run(['device', 'add', '--type', type, '--id', id, '--name', name])
    simulators.push(startSimulator({ type, url: latchkey.mqttUrl, id, secret: made.secret ?? '' }))
    await page.evaluate(`phone.app().devices.claim(${JSON.stringify(id)}, ${JSON.stringify(made.claimCode)})`)
  }
  await page.getByText(phrases[locale].deviceCount(types.length, types.length)).waitFor()
  const isOn = page.locator('[role=switch][aria-checked=true]')
  await page.locator('[role=switch][aria-checked=false]').first().click()
  await isOn.first().waitFor()

  const shots = [await shot(page)]
  for (const name of names[locale].slice(0, 2)) {
    await button(new RegExp(`^${name}`))
      .first()
      .click()
    await page.getByText(device.release).waitFor()
    await page.getByText(device.controls).filter({ visible: true }).first().waitFor()
    shots.push(await shot(page))
    await button(/^(Back|返回)$/).click()
  }
  for (const simulator of simulators) await simulator.stop()
  await context.close()
  return shots
}

const shot = (page: Page) => page.screenshot({ animations: 'disabled', style: 'wx-toast { display: none }' })

/** The pictures beside one another, with round corners. */
async function sideBySide(browser: Browser, pictures: readonly Buffer[], path: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 640 }, deviceScaleFactor: 1 })
  const image = (png: Buffer) => `<img src="data:image/png;base64,${png.toString('base64')}">`
  await page.setContent(`<style>
    body { display: flex; gap: 24px; margin: 0; padding: 16px; width: max-content }
    img { width: 300px; border: 1px solid #8885; border-radius: 28px }
  </style>${pictures.map(image).join('')}`)
  await page.locator('body').screenshot({ path, omitBackground: true })
  await page.close()
}

const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-pictures-'))
const latchkey = await startLatchkey(dataDir)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  mkdirSync(folder, { recursive: true })
  for (const locale of locales) {
    const pictures = await pagesOf(browser, latchkey, locale)
    await sideBySide(browser, pictures, join(folder, `phone-${locale}.png`))
  }
} finally {
  await browser.close()
  await latchkey.stop()
  await rm(dataDir, { recursive: true, force: true })
}
