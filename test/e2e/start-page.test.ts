import { join } from 'node:path'
import { expect } from 'vitest'
import { packageRoot } from '../../src/app/package-root.ts'
import { browserTest, sharedBrowser, watchComplaints } from '../support/browser/shared-browser.ts'
import { startApp } from '../support/start-app.ts'

browserTest.each([
  ['en', 'light', 'Phone', 'Console'],
  ['zh-CN', 'dark', '手机', '控制台'],
] as const)(
  'the page at / leads to the phone and to the console, in %s and %s',
  async (locale, colorScheme, phone, console) => {
    await using running = await startApp()
    const browser = await sharedBrowser()
    const context = await browser.newContext({ viewport: { width: 375, height: 640 }, locale, colorScheme })
    const page = await context.newPage()
    const noComplaints = watchComplaints(page)
    await page.goto(running.httpUrl)
    await page.getByRole('heading', { name: 'Latchkey' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe(locale)
    await page.screenshot({ path: join(packageRoot(), 'build', 'screenshots', `start-${locale}.png`) })
    for (const [name, path] of [
      [phone, '/phone/'],
      [console, '/console/'],
    ] as const) {
      await page.getByRole('link', { name }).click()
      await page.waitForURL(`${running.httpUrl}${path}**`)
      await page.goBack()
    }
    await context.close()
    noComplaints()
  },
)
