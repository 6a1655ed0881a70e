import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/open-phone.ts'
import { household, silent } from '../../support/phone-steps.ts'
import { browserTest } from '../../support/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

/** Least, average and most, or what a finger points at. */
const told = (page: Page) => page.locator('.told').filter({ visible: true }).textContent()

/** Puts a finger on the chart, so far along. */
const touch = (page: Page, along: number) =>
  page.evaluate(`{
    const plot = [...document.querySelectorAll('.plot')].find(each => each.offsetParent)
    const { left, top, width } = plot.getBoundingClientRect()
    const touch = new Touch({ identifier: 1, target: plot, clientX: left + width * ${along}, clientY: top + 20 })
    plot.dispatchEvent(new TouchEvent('touchstart', { touches: [touch], changedTouches: [touch], bubbles: true }))
  }`)

browserTest(
  'a chart goes on while one looks at it, also after the connection was lost, and tells what a finger points at',
  async () => {
    await using running = await startApp()
    const { device, client } = await silent(running, 'plug', 'plug-1', 'Kettle')
    const report = (energy: number) =>
      client.mqtt.publishAsync(topics.state('plug-1'), JSON.stringify({ energy }), { qos: 1 })
    await report(4711.03)
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice' })
    const { page } = phone
    await page.getByRole('button', { name: /^Kettle/ }).click()
    await page.getByRole('radio', { name: 'Energy' }).click()
    await expect.poll(() => told(page)).toMatch(/^Min 4711/)

    await report(4713.91)
    await expect.poll(() => told(page)).toMatch(/^Min 4711(\.0)? kWh · avg \S+ kWh · max 4713\.9 kWh$/)
    await touch(page, 0.999)
    await expect.poll(() => told(page)).toMatch(/^\d\d:\d\d · 4713\.91 kWh$/)
    const { x = 0, y = 0, width = 0 } = (await page.locator('.plot').filter({ visible: true }).boundingBox()) ?? {}
    await page.mouse.click(x + width / 2, y + 20)
    await expect.poll(() => told(page)).not.toContain('4713.91')
    await expect.poll(() => told(page), { timeout: 20_000 }).toMatch(/^Min/)

    await phone.setNetwork(false)
    await page.getByText('Connection lost. Trying again…').waitFor()
    await report(4720)
    await phone.setNetwork(true)
    await expect.poll(() => told(page)).toMatch(/max 4720 kWh$/)
    expect(await page.getByText('No connection').count()).toBe(0)
    await client[Symbol.asyncDispose]()
  },
)
