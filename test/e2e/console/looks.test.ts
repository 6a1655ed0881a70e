import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { packageRoot } from '../../../src/app/package-root.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { signedInConsole } from '../../support/browser/open-console.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOf } from '../../support/story.ts'

const folder = join(packageRoot(), 'build', 'screenshots')

const pages = {
  en: ['Overview', 'Live log', 'Sessions', 'Users', 'Devices', 'Trace', 'Audit trail', 'Explain'],
  'zh-CN': ['概览', '实时日志', '会话', '用户', '设备', '跟踪', '审计记录', '权限解释'],
} as const

browserTest.for([
  { locale: 'en', colorScheme: 'light' },
  { locale: 'zh-CN', colorScheme: 'dark' },
] as const)('every page in $locale, $colorScheme', async ({ locale, colorScheme }) => {
  mkdirSync(folder, { recursive: true })
  await using running = await startApp()
  const { client } = await ownerOf(running, 'lamp-1', 'lamp')
  await using opened = await signedInConsole({ running, locale, colorScheme })
  const { page } = opened
  for (const [index, name] of pages[locale].entries()) {
    await opened.show(name)
    await client.mqtt.publishAsync(topics.set('not-mine'), '{}', { qos: 1 })
    await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
    await page.screenshot({ path: join(folder, `console-${index}-${locale}-${colorScheme}.png`) })
    const { scrolls, unnamed } = await page.evaluate<{ scrolls: boolean; unnamed: string[] }>(`({
      scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      unnamed: [...document.querySelectorAll('button, a, input, select')]
        .filter(control => !control.textContent && !control.ariaLabel && !control.labels?.length)
        .map(control => control.outerHTML),
    })`)
    expect({ name, scrolls, unnamed }).toEqual({ name, scrolls: false, unnamed: [] })
  }
  expect(await page.locator('html').getAttribute('lang')).toBe(locale)
  await client[Symbol.asyncDispose]()
})

browserTest('all of it can be reached by keyboard', async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 'lamp-1', 'lamp')
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Sessions')
  await page.getByRole('row', { name: 'owner-of-lamp-1' }).waitFor()
  const focused = () => page.evaluate<string>('document.activeElement.textContent')
  await page.locator('body').press('Tab')
  const reached = new Set<string>()
  for (let times = 0; times < 60; times++) {
    await page.keyboard.press('Tab')
    reached.add(await focused())
  }
  for (const name of ['Skip to content', 'Overview', 'Explain', 'Sign out', 'Client', 'Trace', 'Kick'])
    expect(
      [...reached].some(text => text === name),
      name,
    ).toBe(true)

  await page.getByRole('row', { name: 'owner-of-lamp-1' }).getByRole('button', { name: 'Kick' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(focused).toBe('Kick')
  expect(running.app.connectedClients()).toBe(2)
  await client[Symbol.asyncDispose]()
})
