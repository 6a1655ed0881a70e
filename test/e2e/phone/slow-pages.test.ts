import { afterAll, expect } from 'vitest'
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
  timeout,
} from '../../support/browser/slow-phone.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

afterAll(tellTaps)

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
