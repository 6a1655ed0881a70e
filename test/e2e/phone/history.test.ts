import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { household, silent } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'

/** Least, average and most, or what a finger points at. */
const told = (page: Page, chart = 'History') => page.getByRole('img', { name: chart }).locator('.told').textContent()

/** Puts a finger on a chart, so far along. */
const touch = (page: Page, along: number) =>
  page.evaluate(`{
    const plot = document.querySelector('[aria-label="History"] .plot')
    const { left, top, width } = plot.getBoundingClientRect()
    const touch = new Touch({ identifier: 1, target: plot, clientX: left + width * ${along}, clientY: top + 20 })
    plot.dispatchEvent(new TouchEvent('touchstart', { touches: [touch], changedTouches: [touch], bubbles: true }))
  }`)

/** Taps a chart, so far along. */
async function tap(page: Page, along: number, chart: string): Promise<void> {
  const plot = page.getByRole('img', { name: chart }).locator('.plot')
  await plot.scrollIntoViewIfNeeded()
  const { width = 0 } = (await plot.boundingBox()) ?? {}
  await plot.click({ position: { x: width * along, y: 20 } })
}

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
    // What it tells leaves after four seconds, which a busy machine may take between two looks: the finger stays.
    const toldByFinger = async () => {
      await touch(page, 0.999)
      return told(page)
    }
    await expect.poll(toldByFinger).toMatch(/^\d\d:\d\d · 4713\.91 kWh$/)
    const {
      x = 0,
      y = 0,
      width = 0,
    } = (await page.getByRole('img', { name: 'History' }).locator('.plot').boundingBox()) ?? {}
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

const dayMs = 86_400_000

/** Midnight of so many days ago, in the time zone of the phone: five and a half hours ahead of UTC, without summer time. */
const midnight = (daysAgo: number) => Math.floor((Date.now() + 19_800_000) / dayMs - daysAgo) * dayMs - 19_800_000

browserTest(
  'what a plug used is shown by day, week and month of the phone’s time zone, and charts go back a year, over round trips of 1.8 s and after the network was gone',
  { timeout: 240_000 },
  async () => {
    await using running = await startApp()
    const { device, client } = await silent(running, 'plug', 'plug-1', 'Kettle')
    await household(running, 'alice', [device])
    // One kWh a day for two hundred days, half an hour after midnight; a reset in between.
    const sample = (atMs: number, value: number) => ({ deviceId: 'plug-1', property: 'energy', atMs, value })
    const samples = Array.from({ length: 201 }, (_, n) => 200 - n).map(ago =>
      sample(midnight(ago) + 1_800_000, ago > 100 ? 300 - ago : 101 - ago),
    )
    await running.admin.store.history.record(samples.filter(({ atMs }) => atMs < Date.now()))
    await running.admin.store.history.record([sample(midnight(0) - 60_000, 100.5), sample(midnight(0) + 1, 100.5)])
    // What is older than a month is there by the hour alone.
    const bounds = { beforeMs: Date.now() - 30 * dayMs, aggregatesBeforeMs: 0, maxRows: 1e9 }
    while (await running.admin.store.history.prune('plug-1', bounds, 100));

    await using link = await startCuttableProxy(running.app.ports.http, { roundTripMs: 1800 })
    await using phone = await openPhone({
      running: { httpUrl: `http://127.0.0.1:${link.port}` },
      user: 'alice',
      timezoneId: 'Asia/Kolkata',
    })
    const { page } = phone
    await page.getByRole('button', { name: /^Kettle/ }).click()
    const usage = 'Usage Energy'
    await expect.poll(() => told(page, usage), { timeout: 30_000 }).toMatch(/^Today \S+ kWh · 14 days 1[34]\S* kWh$/)
    await tap(page, 12.5 / 14, usage)
    const yesterday = new Date(midnight(1) + 20_000_000).toISOString().slice(0, 10)
    await expect.poll(() => told(page, usage)).toBe(`${yesterday} · 1.5 kWh`)
    for (const [period, words] of [
      ['Weeks', /^This week \S+ kWh · 12 weeks [78]\S* kWh$/],
      ['Months', /^This month \S+ kWh · 12 months 200(\.5)? kWh$/],
    ] as const) {
      await page.getByRole('radio', { name: period }).click()
      await expect.poll(() => told(page, usage), { timeout: 30_000 }).toMatch(words)
    }

    await page.getByRole('radio', { name: 'Energy' }).click()
    const marks = page.getByRole('img', { name: 'History' }).locator('.time')
    for (const [span, mark] of [
      ['Hour', /^\d\d:\d\d$/],
      ['Day', /^\d\d:00$/],
      ['Week', /^\d\d-\d\d$/],
      ['Month', /^\d\d-\d\d$/],
      ['Year', /^\d{4}-\d\d$/],
    ] as const) {
      await page.getByRole('radio', { name: span, exact: true }).click()
      await expect.poll(() => marks.first().textContent(), { timeout: 30_000 }).toMatch(mark)
    }
    await expect.poll(() => told(page), { timeout: 30_000 }).toMatch(/^Min 1 kWh · avg \S+ kWh · max 199(\.\d)? kWh$/)
    await tap(page, 0.7, 'History')
    await expect.poll(() => told(page)).toMatch(/^\d{4}-\d\d-\d\d · \S+ kWh$/)

    await phone.setNetwork(false)
    await page.getByText('Connection lost. Trying again…').waitFor()
    await client.mqtt.publishAsync(topics.state('plug-1'), '{"energy":104}', { qos: 1 })
    await phone.setNetwork(true)
    await expect
      .poll(() => told(page, usage), { timeout: 60_000 })
      .toMatch(/^This month \S+ kWh · 12 months 20[34](\.\d)? kWh$/)
    await client[Symbol.asyncDispose]()
  },
)
