import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { phrases } from '../../../miniprogram/app/texts/phrases.ts'
import { textsIn } from '../../../miniprogram/app/texts/texts-in.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { field, simulated, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

const folder = join(packageRoot(), 'build', 'screenshots')
mkdirSync(folder, { recursive: true })

const nameless = /^\s*- (button|switch|textbox|slider|radio|tab|combobox)(:|\s*\[|\s*$)/m

/** In the page: what a finger is to hit, of itself or by the label around it, and is less than 44 px high or wide. */
const tooSmall = `[...document.querySelectorAll('wx-page :is([role=button], [role=radio], [role=switch], [role=checkbox], wx-button, picker)')]
  .filter(element => element.checkVisibility())
  .map(element => [element, (element.closest('label') ?? element).getBoundingClientRect()])
  .filter(([, { width, height }]) => Math.min(width, height) < 43.9)
  .map(([element, { width, height }]) => [element.getAttribute('aria-label') ?? element.textContent, width, height].join(' '))`

/** Keeps a picture of the page, and looks whether every control has a name for those who cannot see it, and is hit by a finger. */
const lookAt = (page: Page, prefix: string) => async (name: string) => {
  await page.screenshot({
    path: join(folder, `${prefix}-${name}.png`),
    animations: 'disabled',
    style: 'wx-toast { display: none }',
  })
  expect(await page.locator('body').ariaSnapshot(), `controls of ${name}`).not.toMatch(nameless)
  expect(await page.evaluate(tooSmall), `targets of ${name}`).toEqual([])
}

async function household(running: RunningApp) {
  const names = [
    ['lamp', 'lamp-1', 'Hall'],
    ['thermostat', 'heat-1', 'Bedroom'],
    ['plug', 'plug-1', 'Coffee'],
    ['sensor', 'sense-1', 'Balcony'],
  ] as const
  return Promise.all(names.map(([type, id, name]) => simulated(running, type, id, name)))
}

browserTest.each([
  ['en', 'light'],
  ['zh-CN', 'dark'],
] as const)(
  'every page in %s and %s is there, and every control has a name and is hit by a finger, on a phone of 320 px',
  async (locale, colorScheme) => {
    await using running = await startApp()
    const devices = await household(running)
    await using phone = await openPhone({ running, user: 'alice', locale, colorScheme, width: 320 })
    const { page } = phone
    const look = lookAt(page, `${locale}-${colorScheme}`)
    const { add, bind, common, device, home, index, me, help, password, register, sessions, share, unbind } =
      textsIn(locale)
    const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
    const back = () => button(/^(Back|返回)$/).click()

    await page.getByText(register.intro).waitFor()
    await look('first')
    expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(colorScheme === 'dark')
    await page.getByRole('radio', { name: bind.haveAccount }).click()
    await page.getByText(bind.intro).waitFor()
    await look('first-known')
    await page.getByRole('radio', { name: bind.newHere }).click()
    await field(page, common.username).fill('alice')
    await field(page, common.password).fill(typedPassword)
    await field(page, register.repeat).fill(typedPassword)
    await button(register.submit).click()
    await page.getByText(home.emptyTitle).waitFor()
    await look('home-empty')

    for (const [number, { device: made }] of devices.entries()) {
      await button(home.add).first().click()
      await field(page, add.deviceId).fill(made.id)
      await field(page, add.code).fill(made.claimCode)
      if (number === 0) await look('add')
      await button(add.submit).click()
      await page.getByText(device.release).waitFor()
      await back()
    }
    await page.getByRole('switch').first().click()
    await devices[2]?.simulator.stop()
    await page.getByText(phrases[locale].deviceCount(4, 3)).waitFor()
    await look('home')

    await button(/^Hall/).click()
    await page.getByText(device.release).waitFor()
    await look('device-lamp')
    await button(device.members).click()
    await button(share.create).click()
    await page.getByText(share.ready).waitFor()
    await page.getByText(share.another).scrollIntoViewIfNeeded()
    await look('share')
    await button(share.send).click()
    const { path } = await phone.share()
    await back()
    await back()
    await button(/^Bedroom/).click()
    await page.getByText(device.readings).waitFor()
    await look('device-thermostat')
    await page.getByText(device.week).scrollIntoViewIfNeeded()
    await page.locator('.told', { hasText: /20|21/ }).filter({ visible: true }).waitFor()
    await look('device-history')
    await page.getByText(device.release).scrollIntoViewIfNeeded()
    await look('device-settings')
    await back()

    await page.getByRole('tab', { name: me.tab }).click()
    await look('me')
    for (const [row, name] of [
      [me.sessions, 'sessions'],
      [me.export, 'export'],
      [me.delete, 'delete'],
      [me.help, 'help'],
      [me.about, 'about'],
    ] as const) {
      await button(row).click()
      const settled = {
        sessions: sessions.current,
        export: '"username": "alice"',
        delete: 'Hall',
        help: help.items[0]?.question,
        about: 'mqtt-packet',
      }
      await page
        .getByText(settled[name] ?? '')
        .filter({ visible: true })
        .first()
        .waitFor()
      await look(name)
      await back()
    }
    await button(me.changePassword).click()
    await page.getByText(password.note).waitFor()
    await look('password')
    await back()
    await button(me.unbind).click()
    await page.getByText(unbind.text).waitFor()
    await look('unbind')
    await back()
    await button(me.logOut).click()
    await page.getByRole('dialog').waitFor()
    await look('dialog')
    await page.getByRole('dialog').getByRole('button', { name: me.logOut }).click()
    await page.getByText(index.loggedOut).waitFor()
    await look('index')

    await using bob = await openPhone({ running, user: 'bob', locale, colorScheme, path })
    await bob.page.getByText(phrases[locale].invites('alice', 'Hall')).waitFor()
    await lookAt(bob.page, `${locale}-${colorScheme}`)('first-invited')
    await button(index.signIn).click()
    await page.getByText('Balcony').waitFor()
    await using again = await openPhone({ running, user: 'alice', locale, colorScheme, path })
    await again.page.getByText(phrases[locale].invites('alice', 'Hall')).waitFor()
    await lookAt(again.page, `${locale}-${colorScheme}`)('accept')
    await Promise.all(devices.map(({ simulator }) => simulator.stop()))
  },
)
