import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { field, household, silent, simulated, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { untilInPage } from '../../support/browser/until-in-page.ts'
import { type CuttableProxy, startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

const roundTripMs = 1800
const timeout = 240_000

/** A phone whose every question takes 1.8 s to be answered. */
async function slowPhone(link: CuttableProxy, user: string, path = '') {
  return openPhone({ running: { httpUrl: `http://127.0.0.1:${link.port}` }, user, path })
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).filter({ visible: true })

/** In the page: the visible element of a role by its name. */
const named = (role: string, name: string) =>
  `[...document.querySelectorAll('[role=${role}], ${role}')].find(element =>
    element.checkVisibility() && (element.getAttribute('aria-label') || element.textContent).trim() === ${JSON.stringify(name)})`

/** In the page: this text is to be seen. */
const text = (words: string) =>
  `[...document.querySelectorAll('wx-page *, wx-toast *, wx-modal *')].some(element => element.checkVisibility() && element.textContent.trim() === ${JSON.stringify(words)})`

const busy = (name: string) => `${named('button', name)}?.getAttribute('aria-busy') === 'true'`

/** How long each tap took to be answered by anything that a person sees. */
const answeredMs: number[] = []
afterAll(() => {
  const sorted = [...answeredMs].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? 0
  console.log(
    `phone: ${sorted.length} taps answered after ${median.toFixed(0)} ms (longest ${sorted.at(-1)?.toFixed(0)})`,
  )
  expect(median).toBeLessThan(100)
})

/** Taps, and waits until the page shows it. Nothing of the broker can be in that: its answer is a round trip away. */
async function tap(page: Page, what: string, shows: string): Promise<void> {
  const ms = await untilInPage(page, { act: `;(${what}).click()`, look: shows, shown: `document.body.textContent` })
  answeredMs.push(ms)
  expect(ms, what).toBeLessThan(roundTripMs / 2)
}

/** Goes back over the bar, in the page. */
const goBack = `document.querySelector('[data-back]').click()`
const isIn = (route: string) => `phone.route() === 'pages/${route}/${route}'`

const confirm = (page: Page, verb: string) =>
  page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()

/** A page that is opened shows something at once: words, or what stands for them until they are known. */
async function opens(page: Page, what: string, route: string): Promise<void> {
  const filled = `document.querySelector('wx-page')?.querySelectorAll('view, text, wx-button').length > 2`
  await tap(page, what, `${isIn(route)} && ${filled}`)
}

browserTest(
  'over round trips of 1.8 s who comes makes an account, is told what is wrong, and finds nothing blank, and nothing done twice',
  { timeout },
  async () => {
    await using running = await startApp()
    await household(running, 'taken', [])
    const lamp = await addDevice(running, 'lamp', 'lamp-1')
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    await using phone = await slowPhone(link, 'alice')
    const { page } = phone
    const sent: string[] = []
    const requests = (operation: string) => sent.filter(frame => frame.includes(`/${operation}`)).length
    page.on('websocket', socket => socket.on('framesent', ({ payload }) => sent.push(`${payload}`)))
    await page.reload()
    await page.getByText('Signing in…').waitFor()
    await page.getByRole('radio', { name: 'I am new here' }).waitFor()

    const register = 'Register and sign in'
    await field(page, 'User name').fill('taken')
    for (const label of ['Password', 'Again']) await field(page, label).fill(typedPassword)
    await tap(page, named('button', register), busy(register))
    await page.evaluate(`${named('button', register)}.click()`)
    expect(await field(page, 'User name').isDisabled()).toBe(true) // what is answered is what stands there
    await page.getByRole('alert').waitFor()
    expect(requests('auth/register')).toBe(1)
    expect(await field(page, 'Password').inputValue()).toBe(typedPassword)
    await field(page, 'User name').fill('alice')
    expect(await page.getByRole('alert').count()).toBe(0)
    await tap(page, named('button', register), busy(register))
    await page.getByText('No devices yet').waitFor()

    await opens(page, named('button', 'Add a device'), 'add')
    await field(page, 'Device id').fill(lamp.id)
    await field(page, 'Claim code').fill('WRNG-CODE')
    await tap(page, named('button', 'Add'), busy('Add'))
    await page.getByRole('alert').waitFor()
    await field(page, 'Claim code').fill(lamp.claimCode)
    await tap(page, named('button', 'Add'), busy('Add'))
    await page.evaluate(`${named('button', 'Add')}.click()`)
    await page.evaluate(goBack) // the answer takes nobody anywhere
    await page.getByText(/^Added · /).waitFor()
    expect(await phone.route()).toBe('pages/home/home')
    expect(requests('device/claim')).toBe(2)
    await page.getByText('1 device · 0 online').waitFor()
    await page.reload()
    await page.getByText('Signing in…').waitFor()
    await page.getByLabel('Loading devices').or(page.getByText('1 device · 0 online')).first().waitFor()
    await page.getByText('1 device · 0 online').waitFor()
  },
)

browserTest(
  'over round trips of 1.8 s a device is switched, renamed, shared and given up by taps that answer at once, and no late answer undoes a newer one',
  { timeout },
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    const other = await silent(running, 'lamp', 'lamp-2', 'Attic')
    await household(running, 'alice', [device, other.device])
    await household(running, 'bob', [])
    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs })
    await using phone = await slowPhone(link, 'alice')
    const { page } = phone
    await page.getByText('2 devices · 2 online').waitFor()

    const lit = (on: boolean) => `${named('switch', 'Hall lamp Power')}?.getAttribute('aria-checked') === '${on}'`
    const toggle = named('switch', 'Hall lamp Power')
    for (const on of [true, false, true]) await tap(page, toggle, lit(on))
    await page.evaluate(`window.seen = []; {
      const card = ${toggle}
      new MutationObserver(() => seen.push(card.getAttribute('aria-checked'))).observe(card, { attributes: true })
    }`)
    await expect
      .poll(() => page.evaluate('phone.data().cards[0].toggle'), { timeout: 15_000 })
      .toMatchObject({ on: true, pending: false })
    expect(await page.evaluate('seen')).not.toContain('false') // answers to the first two taps came since

    await opens(page, named('button', 'Hall lamp, 80 % · 4000 K'), 'device')
    await tap(page, named('button', 'Name'), `document.querySelector('wx-modal input')?.value === 'Hall lamp'`)
    const type = (name: string) => page.getByRole('dialog').getByRole('textbox').fill(name)
    const agreed = (name: string) =>
      tap(page, named('button', 'OK'), `document.querySelector('.hero .name').textContent === '${name}'`)
    await type('Corridor')
    const lists = () => running.lines.filter(line => line.includes('device/list')).length
    const listed = lists()
    await agreed('Corridor')
    await button(page, 'Name').click()
    await type('Passage')
    // What the broker tells of it asks for one list, and its answer for another: that has the first name on it, and is on its way.
    await expect.poll(lists, { timeout: 15_000, interval: 10 }).toBe(listed + 2)
    await agreed('Passage')
    const names = page.evaluate(`new Promise(resolve => {
      const seen = new Set()
      const heading = document.querySelector('.hero .name')
      const observer = new MutationObserver(() => seen.add(heading.textContent))
      observer.observe(heading, { childList: true, subtree: true, characterData: true })
      const done = setInterval(() => {
        if (phone.data().isRenaming) return
        clearInterval(done)
        observer.disconnect()
        resolve([...seen])
      }, 20)
    })`)
    expect(await names).toEqual([]) // neither the first name nor the old one came back
    await expect.poll(async () => (await running.admin.store.devices.deviceById('lamp-1'))?.name).toBe('Passage')

    await tap(page, named('button', 'Blink'), busy('Blink'))
    await page.getByText('Done', { exact: true }).waitFor()

    await opens(page, named('button', 'Members and sharing'), 'share')
    await page.getByText('Loading…').waitFor()
    await page.getByText('alice (you)').waitFor()
    await tap(page, named('button', 'Make an invitation'), busy('Make an invitation'))
    await page.getByText('The invitation is ready').waitFor()
    const invitation = (await page.locator('.code').textContent()) ?? ''
    await using bob = await openPhone({ running, user: 'bob', path: `pages/accept/accept?invitation=${invitation}` })
    await button(bob.page, 'Accept').click()
    await bob.page.getByText('Leave device').waitFor()
    await page.getByText('bob').waitFor()
    const role = `${named('combobox', 'Role bob')} ?? document.querySelector('[aria-label="Role bob"]')`
    const choose = (to: string) =>
      tap(
        page,
        `[...document.querySelectorAll('wx-sheet button')].find(each => each.textContent === '${to}')`,
        `(${role}).textContent.trim() === '${to}'`,
      )
    await expect.poll(() => page.evaluate(`(${role}).textContent.trim()`)).toBe('Can control')
    const memberLists = () => running.lines.filter(line => line.includes('device/members')).length
    const before = memberLists()
    await page.evaluate(`(${role}).click()`)
    await choose('View only')
    await page.evaluate(`(${role}).click()`)
    await expect.poll(memberLists, { timeout: 15_000, interval: 10 }).toBeGreaterThan(before) // with the first role on it, and on its way
    await choose('Can control')
    const wishes = '[...document.querySelectorAll(".role-pill.waiting")]'
    const seenRoles = page.evaluate(`new Promise(resolve => {
      const seen = new Set()
      const looking = setInterval(() => {
        seen.add((${role}).textContent.trim())
        if (${wishes}.length > 0) return
        clearInterval(looking)
        resolve([...seen])
      }, 10)
    })`)
    expect(await seenRoles).toEqual(['Can control'])
    const roles = (await running.admin.store.devices.membersOf('lamp-1')).map(each => each.role)
    expect(roles).toEqual(['owner', 'controller'])
    await button(page, 'Remove bob').click()
    await confirm(page, 'Remove')
    await page.locator('.row.waiting').waitFor()
    expect(await button(page, 'Remove bob').count()).toBe(0)
    await page.getByText('bob').waitFor({ state: 'detached' })
    await tap(page, `document.querySelector('[data-back]')`, isIn('device'))

    await button(page, 'Remove device').click()
    await confirm(page, 'Remove')
    await expect.poll(() => page.evaluate(busy('Remove device'))).toBe(true)
    await page.evaluate(`${named('button', 'Remove device')}.click()`)
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByText('1 device · 1 online').waitFor()
    await page.getByText('Passage').waitFor({ state: 'detached' })
    await other.client[Symbol.asyncDispose]()
    await simulator.stop()
  },
)

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
