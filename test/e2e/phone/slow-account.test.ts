import { afterAll, expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { field, household, silent, simulated, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import {
  busy,
  button,
  confirm,
  goBack,
  isIn,
  named,
  opens,
  roundTripMs,
  slowPhone,
  tap,
  tellTaps,
  text,
  timeout,
} from '../../support/browser/slow-phone.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

afterAll(tellTaps)

browserTest(
  'over round trips of 1.8 s every page of the account shows something at once, says what is wrong, and can be left meanwhile',
  { timeout },
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using elsewhere = await openPhone({ running, user: 'alice' })
    await elsewhere.page.getByText('1 device · 1 online').waitFor()
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    await using phone = await slowPhone(link, 'alice')
    const { page } = phone
    await page.getByText('1 device · 1 online').waitFor()
    await page.getByRole('tab', { name: 'Me' }).click()

    await opens(page, named('button', 'Where you are signed in'), 'sessions')
    await page.getByText('Loading…').waitFor()
    await page.getByText('This phone').waitFor()
    await button(page, 'Log out there').first().click()
    await confirm(page, 'Log out')
    await page.locator('.row.waiting').waitFor()
    await page.locator('.row.waiting').waitFor({ state: 'detached' })
    await elsewhere.page.getByText('This phone was signed out. Sign in again to go on.').waitFor()
    await tap(page, `document.querySelector('[data-back]')`, isIn('me'))

    await opens(page, named('button', 'Export my data'), 'export')
    await page.getByText('Collecting…').waitFor()
    await page.evaluate(goBack)
    await opens(page, named('button', 'Export my data'), 'export')
    await page.getByText('"name": "Hall lamp"').waitFor()
    expect(await page.getByText('"name": "Hall lamp"').count()).toBe(1)
    await page.evaluate(goBack)

    for (const [row, route, submit, labels] of [
      ['Change password', 'password', 'Change password', ['Current', 'New', 'Again']],
      ['Unbind this WeChat user', 'unbind', 'Unbind', ['Password']],
    ] as const) {
      const problem = page.getByText(/password is wrong\.$/)
      await opens(page, named('button', row), route)
      for (const label of labels) await field(page, label).fill('not the password')
      await tap(page, named('button', submit), busy(submit))
      await page.evaluate(`${named('button', submit)}.click()`)
      await problem.waitFor()
      await tap(page, named('button', submit), busy(submit))
      await page.evaluate(goBack)
      await page.locator('wx-toast').filter({ has: problem }).waitFor() // the page is gone, and yet it is told
      expect(await phone.route()).toBe('pages/me/me')
      await page.locator('wx-toast').waitFor({ state: 'detached' })
    }

    for (const [row, route] of [
      ['Help', 'help'],
      ['About', 'about'],
    ] as const) {
      await opens(page, named('button', row), route)
      await page.evaluate(goBack)
    }
    await button(page, 'Log out').click()
    await page.getByRole('dialog').waitFor()
    await confirm(page, 'Log out')
    await expect.poll(() => page.evaluate(busy('Log out'))).toBe(true)
    await page.getByText('You have logged out.').waitFor()
    await tap(page, named('button', 'Sign in with WeChat'), text('Signing in…'))
    await page.getByText('1 device · 1 online').waitFor()
    await simulator.stop()
  },
)

browserTest(
  'an account is not deleted before it is known which devices it owns, however slow the link; what was agreed to is what was listed',
  { timeout },
  async () => {
    await using running = await startApp()
    const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
    await client.mqtt.publishAsync(topics.state('lamp-1'), '{"on":false}', { qos: 1 })
    await household(running, 'alice', [device])
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    await using phone = await slowPhone(link, 'alice', 'pages/delete/delete')
    const { page } = phone
    await field(page, 'Password').fill(typedPassword)
    await page.getByText('Loading…').waitFor()
    expect(await button(page, 'Delete my account').isDisabled()).toBe(true)
    await page.getByText('Hall lamp').waitFor()
    expect(await button(page, 'Delete my account').isDisabled()).toBe(true)
    await page.getByRole('checkbox').click()
    const second = await addDevice(running, 'plug', 'plug-1')
    const owner = await running.admin.store.accounts.accountByUsername('alice')
    await running.admin.store.devices.claim(second.id, owner?.id ?? '')
    await page.evaluate('phone.app().devices.refresh()')
    await expect.poll(() => page.getByRole('checkbox').getAttribute('aria-checked')).toBe('false')
    await page.getByRole('checkbox').click()
    const submit = 'Delete my account'
    await field(page, 'Password').fill('not the password')
    await button(page, submit).click()
    await confirm(page, 'Delete')
    await expect.poll(() => page.evaluate(busy(submit))).toBe(true)
    await page.getByText('The password is wrong.').waitFor()
    await client[Symbol.asyncDispose]()
  },
)

browserTest(
  'a list that could not be loaded is tried again by a tap, which shows that at once',
  { timeout },
  async () => {
    await using running = await startApp({ limits: { requestsPerMinuteOf: { 'device/list': 1 } } })
    const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    await using phone = await slowPhone(link, 'alice')
    const { page } = phone
    await page.getByText('1 device · 1 online').waitFor()
    await page.reload()
    const failed = page.getByText('The devices could not be loaded')
    for (let tries = 0; tries < 2; tries++) {
      await failed.waitFor()
      await tap(page, named('button', 'Try again'), `document.querySelector('[aria-label="Loading devices"]') !== null`)
      expect(await failed.count()).toBe(0)
    }
    await failed.waitFor()
    await client[Symbol.asyncDispose]()
  },
)

browserTest(
  'over round trips of 1.8 s an invitation shows at once what it is to, and who goes on while it is accepted is told that it was',
  { timeout },
  async () => {
    await using running = await startApp()
    const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await household(running, 'bob', [])
    await using owner = await openPhone({ running, user: 'alice' })
    await owner.page.getByText('1 device · 1 online').waitFor()
    const invite = () =>
      owner.page.evaluate('phone.app().devices.share("lamp-1", "viewer").then(({ data }) => data.invitation)')
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    const pathOf = (invitation: unknown) => `pages/accept/accept?invitation=${invitation}&name=Hall%20lamp`
    await using phone = await slowPhone(link, 'bob', pathOf(await invite()))
    const { page } = phone
    await page.getByText('You are invited to "Hall lamp"').waitFor() // as its sender calls it
    await page.getByText('alice invites you to "Hall lamp"').waitFor()
    await tap(page, named('button', 'Accept'), busy('Accept'))
    await page.evaluate(`${named('button', 'Accept')}.click()`)
    await tap(page, named('button', 'Not now'), isIn('home'))
    await page.getByText('Added · Hall lamp').waitFor()
    expect(await phone.route()).toBe('pages/home/home')
    await page.getByText('1 device · 1 online').waitFor()

    await page.evaluate(`location.hash = ${JSON.stringify(pathOf('used-up'))}`)
    await page.reload()
    await page.getByText('Invitation unknown, used or expired.').waitFor()
    expect(await button(page, 'Accept').count()).toBe(0)
    await client[Symbol.asyncDispose]()
  },
)
