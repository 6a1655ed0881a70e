import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { household, silent } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

const dayMs = 86_400_000
const clocks = [
  ['two days ahead', 2 * dayMs],
  ['two days behind', -2 * dayMs],
] as const

browserTest.each(clocks)(
  'on a phone whose clock is %s charts, usage and what is said of an offline device are of the world’s time',
  async (_, clockAheadMs) => {
    await using running = await startApp()
    const { device, client } = await silent(running, 'plug', 'plug-1', 'Kettle')
    const away = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device, away.device])
    const before = { deviceId: 'plug-1', property: 'energy', atMs: Date.now() - 1000, value: 4710 }
    await running.admin.store.history.record([before])
    await client.mqtt.publishAsync(topics.state('plug-1'), '{"energy":4711}', { qos: 1 })
    await away.client[Symbol.asyncDispose]()
    await using phone = await openPhone({ running, user: 'alice', clockAheadMs, timezoneId: 'Asia/Shanghai' })
    const { page } = phone
    expect(await page.evaluate(() => Math.abs(Date.now() - performance.timeOrigin) > 86_400_000)).toBe(true)
    await page.getByText(/^(Offline since just now|Offline for \d\d? (seconds|minutes))$/).waitFor()

    await page.getByRole('button', { name: /^Kettle/ }).click()
    await page.getByRole('radio', { name: 'Energy' }).click()
    const told = page.getByRole('img', { name: 'History' }).locator('.told')
    await expect.poll(() => told.textContent()).toMatch(/4711 kWh/)
    const marks = page.getByRole('img', { name: 'Usage Energy' }).locator('.time')
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(5, 10)
    await expect.poll(() => marks.last().textContent()).toBe(today)
    await client[Symbol.asyncDispose]()
  },
)

browserTest.each(clocks)(
  'on a phone whose clock is %s a token that has ended is replaced by WeChat, and nobody is said to have been signed out',
  async (_, clockAheadMs) => {
    const lifetimeSeconds = 4
    await using running = await startApp({
      configure: config => ({ ...config, tokens: { ...config.tokens, lifetimeSeconds } }),
    })
    const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice', clockAheadMs })
    const { page } = phone
    await page.getByText('1 device · 1 online').waitFor()
    const address = page.url()
    await page.goto('about:blank')
    const endsAtMs = Date.now() + lifetimeSeconds * 1000 + 1000
    await expect.poll(() => Date.now()).toBeGreaterThan(endsAtMs)

    await page.goto(address)
    await page.getByText('1 device · 1 online').waitFor()
    expect(await page.getByText('This phone was signed out').count()).toBe(0)
    await client[Symbol.asyncDispose]()
  },
)
