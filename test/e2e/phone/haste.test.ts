import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { atHome, field, household, silent, switchOf, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).filter({ visible: true })

/** Taps faster than the phone answers: all in one turn of its event loop. */
async function tapAllAtOnce(page: Page, ...targets: readonly Locator[]): Promise<void> {
  const elements = await Promise.all(targets.map(target => target.first().elementHandle()))
  await page.evaluate(found => {
    for (const element of found)
      if (element && 'click' in element && typeof element.click === 'function') element.click()
  }, elements)
}

const tapAtOnce = (page: Page, ...names: readonly (string | RegExp)[]): Promise<void> =>
  tapAllAtOnce(page, ...names.map(name => button(page, name)))

browserTest('who leaves a page while it asks something is taken nowhere by the answer', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  client.mqtt.publish(topics.state('lamp-1'), '{"on":false}', { qos: 1 })
  const plug = await addDevice(running, 'plug', 'plug-1')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await atHome(page)

  await button(page, 'Add a device').first().click()
  await field(page, 'Device id').fill(plug.id)
  await field(page, 'Claim code').fill(plug.claimCode)
  await tapAtOnce(page, 'Add', 'Back')
  await page.getByText(/^Added · /).waitFor()
  expect(await phone.route()).toBe('pages/home/home')

  // What is under way for a device that is given up ends: its page is not there any more to say so.
  await button(page, /^Hall lamp,/).click()
  await page.getByRole('switch', { name: 'Power' }).click()
  await button(page, 'Back').click()
  await button(page, 'Add a device').first().click()
  await page.evaluate('phone.app().devices.release("lamp-1")')
  await page.getByText('This device is not yours any more.').waitFor()
  expect(await phone.route()).toBe('pages/add/add')
  await button(page, 'Back').click()
  await switchOf(page, 'Hall lamp').waitFor({ state: 'detached' })

  await page.getByRole('tab', { name: 'Me' }).click()
  await button(page, 'Change password').click()
  for (const label of ['Current', 'New', 'Again']) await field(page, label).fill(typedPassword)
  await tapAtOnce(page, 'Change password', 'Back')
  await page.getByText('Password changed').waitFor()
  expect(await phone.route()).toBe('pages/me/me')
  await client[Symbol.asyncDispose]()
})

browserTest('a double tap counts once, and an invitation is to the role that is chosen', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  await client.subscribe(topics.invoke('lamp-1', '+'), 1)
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone

  await tapAtOnce(page, /^Hall lamp,/, /^Hall lamp,/)
  await tapAtOnce(page, 'Blink', 'Blink')
  await client.message(topics.invoke('lamp-1', 'blink'))
  await page.getByText('The device did not answer.').waitFor()
  expect(client.received.filter(({ topic }) => topic === topics.invoke('lamp-1', 'blink'))).toHaveLength(1)

  await tapAtOnce(page, 'Members and sharing', 'Members and sharing')
  await page.getByRole('radio', { name: /^Hand it over/ }).click()
  const create = button(page, 'Make an invitation')
  const viewer = page.getByRole('radio', { name: /^View only/ })
  await tapAllAtOnce(page, create, viewer)
  await expect.poll(() => running.lines.filter(line => line.includes('device/share')).length).toBe(1)
  await expect.poll(() => create.getAttribute('aria-disabled')).not.toBe('true')
  expect(await page.getByText('The invitation is ready').isVisible()).toBe(false)
  await tapAtOnce(page, 'Make an invitation', 'Make an invitation')
  await page.getByText('The invitation is ready').waitFor()
  expect(running.lines.filter(line => line.includes('device/share')).length).toBe(2)

  expect(await page.evaluate('phone.stack()')).toEqual(['pages/home/home', 'pages/device/device', 'pages/share/share'])
  await client[Symbol.asyncDispose]()
})

browserTest('a slider is left alone while it is dragged, and tells what it was set to', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  await client.subscribe(topics.set('lamp-1'), 1)
  const report = (brightness: number) => client.mqtt.publish(topics.state('lamp-1'), JSON.stringify({ brightness }))
  report(10)
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await button(page, /^Hall lamp,/).click()
  const slider = page.getByLabel('Brightness').getByRole('slider')
  await expect.poll(() => slider.inputValue()).toBe('10')
  await slider.hover() // in its middle, once the page has settled
  const box = await slider.boundingBox()
  if (!box) throw new Error('the slider is not to be seen')
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 3 })
  const dragged = await slider.inputValue()
  expect(Number(dragged)).toBeGreaterThan(60)
  report(33)
  await expect.poll(() => page.evaluate('phone.app().devices.get("lamp-1").state.brightness')).toBe(33)
  await page.evaluate('new Promise(requestAnimationFrame)')
  expect(await slider.inputValue()).toBe(dragged)
  await page.mouse.up()
  expect(JSON.parse((await client.message(topics.set('lamp-1'))).payload)).toMatchObject({
    brightness: Number(dragged),
  })
  await page.getByText('The device did not answer.').waitFor()
  await expect.poll(() => slider.inputValue()).toBe('33')
  await client[Symbol.asyncDispose]()
})

browserTest('opened in the middle, the phone signs in first, or goes where one does', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using alice = await openPhone({ running, user: 'alice', path: 'pages/device/device?id=lamp-1' })
  await alice.page.getByText('Remove device').waitFor()
  await using bob = await openPhone({ running, user: 'bob', path: 'pages/me/me' })
  await button(bob.page, 'Register and sign in').waitFor()

  // An invitation that is open when the session ends waits until somebody is signed in again.
  await alice.page.evaluate('location.hash = "pages/accept/accept?invitation=abc"')
  await alice.page.reload()
  await alice.page.getByText('Invitation unknown, used or expired.').waitFor()
  await alice.page.evaluate('phone.app().session.logOut(false)')
  await button(alice.page, 'Sign in with WeChat').click()
  await alice.page.getByText('Invitation unknown, used or expired.').waitFor()
  await client[Symbol.asyncDispose]()
})
