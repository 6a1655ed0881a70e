import { expect } from 'vitest'
import { claimLink } from '../../../src/protocol/claim-link.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import {
  back,
  expectSwitch,
  field,
  household,
  registerOn,
  silent,
  simulated,
  switchOf,
} from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { keptState } from '../../support/kept-state.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice } from '../../support/story.ts'

browserTest('a device is scanned and claimed, switched from its card, and its answer confirms it', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await registerOn(page, 'alice')

  await page.getByRole('button', { name: 'Add a device' }).first().click()
  await phone.scanResult('https://example.com/not-a-device')
  await page.getByRole('button', { name: 'Scan' }).click()
  await page.getByText('This is not the QR code of a device.').waitFor()
  await phone.scanResult(claimLink('lamp-1', 'AAAA-AAAA'))
  await page.getByRole('button', { name: 'Scan' }).click()
  await page.getByText('Wrong claim code.').waitFor()
  await phone.scanResult(claimLink('lamp-1', device.claimCode))
  await page.getByRole('button', { name: 'Scan' }).click()
  await page.getByText('Remove device').waitFor()
  await back(page)

  await expectSwitch(page, 'Hall lamp', false)
  await switchOf(page, 'Hall lamp').click()
  await expectSwitch(page, 'Hall lamp', true)
  await expect
    .poll(() => keptState(running.config.dataDir, 'lamp-1'))
    .toEqual({ on: true, brightness: 80, colorTemperature: 4000 })
  await simulator.stop()
})

browserTest('a link that WeChat itself has scanned opens the device, ready to be added', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  const link = claimLink('lamp-1', device.claimCode, 'https://example.com/iot')
  const path = `pages/index/index?q=${encodeURIComponent(link)}`
  await using phone = await openPhone({ running, user: 'alice', path })
  const { page } = phone
  await page.getByRole('radio', { name: 'I am new here' }).click()
  await field(page, 'User name').fill('alice')
  await field(page, 'Password').fill('correct horse')
  await field(page, 'Again').fill('correct horse')
  await page.getByRole('button', { name: 'Register and sign in' }).click()
  expect(await field(page, 'Claim code').inputValue()).toBe(device.claimCode)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('Remove device').waitFor()
  await simulator.stop()
})

browserTest('a tap on a device that does not answer shows at once and is taken back within three seconds', async () => {
  await using running = await startApp()
  const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
  client.mqtt.publish(topics.state('lamp-1'), '{"on":false,"brightness":10}', { qos: 1 })
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone

  await switchOf(page, 'Hall lamp').click()
  await expectSwitch(page, 'Hall lamp', true)
  await page.getByText('The device did not answer.').waitFor()
  await expectSwitch(page, 'Hall lamp', false)
  await client[Symbol.asyncDispose]()
})

browserTest(
  'a device that goes offline while one watches is shown so, cannot be switched, and comes back',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice' })
    const { page } = phone
    await page.getByText('1 device · 1 online').waitFor()

    await simulator.stop()
    await page.getByText('Offline since just now').waitFor()
    await page.getByText('1 device · 0 online').waitFor()
    await expect.poll(() => switchOf(page, 'Hall lamp').getAttribute('aria-disabled')).toBe('true')

    await using _ = await connectAsDevice(running, device)
    await page.getByText('1 device · 1 online').waitFor()
    await expect.poll(() => switchOf(page, 'Hall lamp').getAttribute('aria-disabled')).not.toBe('true')
  },
)

browserTest('the page of a device has a control for everything in its thing model, and they work', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'thermostat', 'heat-1', 'Bedroom')
  const lamp = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device, lamp.device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  const states = (id: string) => keptState(running.config.dataDir, id)

  await page.getByRole('button', { name: /^Bedroom/ }).click()
  await page.getByLabel(/^Temperature \d/).waitFor()
  await page.getByLabel('Mode').click()
  await page.getByRole('button', { name: 'Cool' }).click()
  await expect.poll(() => states('heat-1')).toMatchObject({ mode: 'cool' })
  await page.getByLabel('Target').getByRole('slider').fill('25.5')
  await expect.poll(() => states('heat-1')).toMatchObject({ target: 25.5 })

  await page.getByRole('button', { name: 'Name', exact: true }).click()
  expect(await page.getByRole('dialog').getByRole('textbox').inputValue()).toBe('Bedroom')
  await page.getByRole('dialog').getByRole('textbox').fill('Study')
  await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click()
  await page.getByRole('heading', { name: 'Study' }).waitFor()
  await back(page)

  await page.getByRole('button', { name: /^Hall lamp/ }).click()
  await page.getByLabel('Times').getByRole('slider').fill('1')
  await page.getByRole('button', { name: 'Blink' }).click()
  await page.getByText('Done', { exact: true }).waitFor()
  const power = page.getByRole('switch', { name: 'Power' }).filter({ visible: true })
  await expect.poll(() => power.getAttribute('aria-checked')).toBe('true')
  await expect.poll(() => power.getAttribute('aria-checked')).toBe('false')
  await Promise.all([simulator.stop(), lamp.simulator.stop()])
})

browserTest('giving a device up asks first, and takes it from the list', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.getByRole('button', { name: /^Hall lamp/ }).click()
  const release = page.getByRole('button', { name: 'Remove device' })
  await release.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await release.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No devices yet').waitFor()
  await simulator.stop()
})
