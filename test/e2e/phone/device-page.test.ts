import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { atHome, household, silent, simulated } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice } from '../../support/story.ts'

const open = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) }).click()
const inFront = (page: Page, selector: string) => page.locator(selector).filter({ visible: true })
const colourOf = (page: Page, selector: string) =>
  inFront(page, selector).evaluate(element =>
    element.ownerDocument.defaultView?.getComputedStyle(element).getPropertyValue('background-color'),
  )

browserTest('a device that is off is grey, and its large switch brings its colour back', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.getByText('Off', { exact: true }).waitFor()
  await open(page, 'Hall lamp')
  const power = page.getByRole('switch', { name: 'Power', exact: true })
  await expect.poll(() => power.getAttribute('aria-checked')).toBe('false')
  const grey = await colourOf(page, '.tile.big')
  await power.click()
  await expect.poll(() => power.getAttribute('aria-checked')).toBe('true')
  await expect.poll(() => colourOf(page, '.tile.big')).toBe('rgb(242, 161, 0)')
  await power.click()
  await expect.poll(() => colourOf(page, '.tile.big')).toBe(grey)
  await simulator.stop()
})

browserTest('quick taps on a thermostat are one command, which the dial shows from the first tap on', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'thermostat', 'heat-1', 'Bedroom')
  client.mqtt.publish(topics.state('heat-1'), '{"target":20,"temperature":19}', { qos: 1 })
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await open(page, 'Bedroom')
  const dial = page.getByRole('status', { name: /^Target/ })
  await page.getByText('Now 19 °C').waitFor()
  const more = page.getByRole('button', { name: 'Target: More' })
  for (let tap = 0; tap < 3; tap++) await more.dispatchEvent('click')
  expect(await dial.getAttribute('aria-label')).toBe('Target 21.5 °C')
  const command = await client.message(topics.set('heat-1'))
  expect(JSON.parse(command.payload)).toMatchObject({ target: 21.5 })
  await page.getByText('The device did not answer.').waitFor()
  await expect.poll(() => dial.getAttribute('aria-label')).toBe('Target 20 °C')
  expect(client.received.filter(({ topic }) => topic === topics.set('heat-1'))).toHaveLength(1)
  await client[Symbol.asyncDispose]()
})

browserTest('what cannot be undone asks first, and then says that it is done', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'plug', 'plug-1', 'Kettle')
  client.mqtt.publish(topics.state('plug-1'), '{"on":true,"power":900,"energy":4713.91}', { qos: 1 })
  const invoke = topics.invoke('plug-1', 'resetEnergy')
  await client.subscribe(invoke, 1)
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await open(page, 'Kettle')
  const reset = page.getByRole('button', { name: 'Reset energy' })
  await reset.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('It cannot be undone.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  await reset.click()
  await dialog.getByRole('button', { name: 'OK' }).click()
  const { id } = JSON.parse((await client.message(invoke)).payload)
  client.mqtt.publish(topics.ack('plug-1'), JSON.stringify({ id, code: 0 }), { qos: 1 })
  await page.getByText('Done', { exact: true }).waitFor()
  expect(client.received.filter(({ topic }) => topic === invoke)).toHaveLength(1)
  await client[Symbol.asyncDispose]()
})

browserTest('of a device that is offline values are shown, and why nothing moves, until it is back', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  client.mqtt.publish(topics.state('lamp-1'), '{"on":true,"brightness":40}', { qos: 1 })
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await atHome(page)
  await open(page, 'Hall lamp')
  await page.getByLabel('Brightness').getByRole('slider').waitFor()
  await client[Symbol.asyncDispose]()

  await page.getByText(/^The device is offline/).waitFor()
  expect(await page.getByRole('slider').filter({ visible: true }).count()).toBe(0)
  const power = page.getByRole('switch', { name: 'Power', exact: true })
  expect(await power.getAttribute('aria-checked')).toBe('true')
  await power.click({ force: true }) // as a finger does, which does not ask whether it may
  await expect.poll(() => page.getByText(/^The device is offline/).count()).toBe(2)
  expect(await power.getAttribute('aria-checked')).toBe('true')

  await using _ = await connectAsDevice(running, device)
  await page.getByLabel('Brightness').getByRole('slider').waitFor()
})
