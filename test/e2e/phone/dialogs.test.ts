import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { textsIn } from '../../../miniprogram/app/texts/texts-in.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { back, household, simulated, switchOf } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

const dialog = (page: Page) => page.getByRole('dialog')
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click()

browserTest(
  'renaming begins with the name; what is no name is said and changes nothing, and a new one is on every page and every phone',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using other = await openPhone({ running, user: 'alice' })
    await using phone = await openPhone({ running, user: 'alice', path: 'pages/device/device?id=lamp-1' })
    const { page } = phone
    const title = page.getByRole('heading', { name: /./ }).first()
    const row = page.getByRole('button', { name: 'Name', exact: true })
    const sent: string[] = []
    page.on('websocket', socket => socket.on('framesent', ({ payload }) => sent.push(`${payload}`)))
    await page.reload()
    const field = dialog(page).getByRole('textbox')

    await row.click()
    expect(await field.inputValue()).toBe('Hall lamp')
    await press(page, 'OK') // nothing was changed
    await row.click()
    await field.fill('Bulb')
    await press(page, 'Cancel')
    await row.click()
    await field.fill('   ')
    await press(page, 'OK')
    expect(sent.filter(frame => frame.includes('/device/rename'))).toEqual([])

    await row.click()
    await field.fill('x'.repeat(65))
    await press(page, 'OK')
    await page.getByText('A name has 1 to 64 letters', { exact: false }).waitFor()
    await expect.poll(() => title.textContent()).toBe('Hall lamp')

    await row.click()
    await field.fill('  Reading lamp  ')
    await press(page, 'OK')
    await expect.poll(() => title.textContent()).toBe('Reading lamp')
    await expect.poll(() => page.locator('wx-navigation strong').textContent()).toBe('Reading lamp')
    await switchOf(other.page, 'Reading lamp').waitFor()
    await simulator.stop()
  },
)

browserTest.each([
  ['en', 'light', 'rgb(194, 47, 47)'],
  ['zh-CN', 'dark', 'rgb(255, 138, 133)'],
] as const)(
  'what is said over a page (%s, %s) stands above the tab bar and whole, one at a time; what cannot be undone asks by its verb, in its colour',
  async (locale, colorScheme, danger) => {
    const { device: t, me } = textsIn(locale)
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice', locale, colorScheme, width: 320 })
    const { page } = phone
    await page.setViewportSize({ width: 320, height: 480 })
    await page.getByRole('switch').waitFor()
    await phone.setNetwork(false)
    const toast = page.locator('wx-toast')
    await page.getByRole('switch').click()
    await toast.waitFor()
    await page.getByRole('switch').click()
    expect(await toast.count()).toBe(1)
    const inside = `{
      const toast = document.querySelector('wx-toast')
      const box = toast.getBoundingClientRect()
      const tabs = document.querySelector('wx-tabs').getBoundingClientRect()
      ;({ left: box.left >= 8, right: box.right <= innerWidth - 8, above: box.bottom < tabs.top, whole: toast.scrollHeight <= toast.clientHeight + 1 })
    }`
    expect(await page.evaluate(inside)).toEqual({ left: true, right: true, above: true, whole: true })
    await toast.waitFor({ state: 'detached' })
    await phone.setNetwork(true)

    const verbIn = async (verb: string, title: string) => {
      await dialog(page).getByText(title, { exact: true }).waitFor()
      const button = dialog(page).getByRole('button', { name: verb, exact: true })
      expect(await button.evaluate(each => each.ownerDocument.defaultView?.getComputedStyle(each).color)).toBe(danger)
      await dialog(page).getByRole('button').first().click()
      await dialog(page).waitFor({ state: 'detached' })
    }
    await page.getByText('Hall lamp', { exact: true }).first().click()
    await page.getByRole('button', { name: t.release }).click()
    await verbIn(t.remove, t.releaseTitle)
    expect(await page.getByRole('button', { name: t.release }).isEnabled()).toBe(true)
    await back(page)
    await page.getByRole('tab', { name: me.tab }).click()
    await page.getByRole('button', { name: me.logOutEverywhere }).click()
    await verbIn(me.logOut, me.logOutEverywhere)
    await simulator.stop()
  },
)
