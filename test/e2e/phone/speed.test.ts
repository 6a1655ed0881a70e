import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { packageRoot } from '../../../src/app/package-root.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { atHome, expectSwitch, household, simulated, switchOf } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { untilInPage } from '../../support/browser/until-in-page.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, type TestDevice } from '../../support/story.ts'

const taps = 21
/** Prints figures for people; only gross mistakes fail, for these machines are shared. */
const tapBarMs = 50
const resumeBarMs = 1000

/** In the page: does something, and resolves with the milliseconds until the first card is `on` and answered. */
const untilAnswered = (page: Page, act: string, on: boolean): Promise<number> => {
  const toggle = 'window.phone.data()?.cards?.[0]?.toggle'
  const look = `${toggle}?.on === ${on} && !${toggle}.pending`
  return untilInPage(page, { act, look, shown: `JSON.stringify(${toggle})` })
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

browserTest('from a tap to the answer of the device, and from coming back to being live', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await expectSwitch(page, 'Hall lamp', false)
  const tapped: number[] = []
  for (let tap = 0; tap < taps; tap++)
    tapped.push(await untilAnswered(page, 'document.querySelector("[role=switch]").click()', tap % 2 === 0))

  await using other = await openPhone({ running, user: 'alice' })
  await atHome(other.page)
  await expectSwitch(other.page, 'Hall lamp', true)
  await phone.background({ socketDies: true })
  await switchOf(other.page, 'Hall lamp').click()
  await expectSwitch(other.page, 'Hall lamp', false)
  const resumedMs = await untilAnswered(page, 'window.phone.foreground(60_000)', false)
  console.log(
    `phone: ${median(tapped).toFixed(1)} ms from a tap to the answer of the device (median of ${taps}; bar ${tapBarMs}); ` +
      `${resumedMs.toFixed(0)} ms from coming back to being live (bar ${resumeBarMs}); package ${packageKib()} KiB`,
  )
  expect(median(tapped)).toBeLessThan(10 * tapBarMs)
  expect(resumedMs).toBeLessThan(5 * resumeBarMs)
  await simulator.stop()
})

browserTest('three hundred devices cost a page no more than thirty, at first and for each report', async () => {
  await using running = await startApp()
  const few = await figuresOf(running, 'alice', 30)
  const many = await figuresOf(running, 'bob', 300)
  for (const [count, { firstSize, reportSize, longTasksMs, receivedBytes }] of [
    [30, few],
    [300, many],
  ] as const)
    console.log(
      `phone: ${count} devices: ${firstSize} characters given to setData at first, ${reportSize} for a report; ` +
        `long tasks of ${longTasksMs.map(ms => Math.round(ms)).join(', ') || 'no'} ms; ${receivedBytes} bytes received`,
    )
  expect(many.firstSize).toBeLessThan(1.1 * few.firstSize)
  expect(many.reportSize).toBeLessThan(1.1 * few.reportSize)
})

/** What `count` devices cost a phone on which somebody is signed in: until they are on the page, and when one of them reports. */
async function figuresOf(running: RunningApp, user: string, count: number) {
  await household(running, user, [])
  const owner = await running.admin.store.accounts.accountByUsername(user)
  const devices: TestDevice[] = []
  for (let nth = 0; nth < count; nth++) {
    const type = ['lamp', 'plug', 'sensor', 'thermostat'][nth % 4] ?? 'lamp'
    const device = await addDevice(running, type, `${user}-${String(nth).padStart(3, '0')}`)
    await running.admin.store.devices.claim(device.id, owner?.id ?? '')
    devices.push(device)
  }
  await using phone = await openPhone({ running, user })
  const { page } = phone
  const cards = page.locator('.cell')
  await expect.poll(() => cards.count()).toBe(30)
  await page.addInitScript(`
    globalThis.longTasksMs = []
    new PerformanceObserver(list => longTasksMs.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true })
  `)
  let receivedBytes = 0
  page.on('websocket', socket => socket.on('framereceived', ({ payload }) => (receivedBytes += payload.length)))
  await page.reload()
  await expect.poll(() => cards.count()).toBe(30)
  const size = () => page.evaluate(() => window.phone.setDataSize())
  const firstSize = await size()
  const [first] = devices
  if (!first) throw new Error('no device')
  const device = await connectAsDevice(running, first)
  await expect.poll(() => page.evaluate('phone.data().cards[0].online')).toBe(true)
  const before = await size()
  device.mqtt.publish(topics.state(first.id), '{"on":true}', { qos: 1 })
  await expect.poll(() => page.evaluate('phone.data().cards[0].toggle.on')).toBe(true)
  const reportSize = (await size()) - before
  const longTasksMs: number[] = await page.evaluate('longTasksMs')
  await device[Symbol.asyncDispose]()
  return { firstSize, reportSize, longTasksMs, receivedBytes }
}

browserTest('what a phone asks at its start travels together, in one round trip after CONNACK', async () => {
  await using running = await startApp()
  await household(running, 'alice', [])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await atHome(page)
  const frames: string[] = []
  page.on('websocket', socket => {
    socket.on('framereceived', ({ payload }) => frames.push(`received ${payload}`))
    socket.on('framesent', ({ payload }) => frames.push(`sent ${payload}`))
  })
  await page.reload()
  await atHome(page)
  const connack = frames.findIndex(frame => frame.startsWith('received '))
  const asked = frames.findIndex(frame => frame.startsWith('sent ') && frame.includes('/device/list'))
  expect(connack).toBeGreaterThan(-1)
  expect(asked).toBeGreaterThan(connack)
  expect(frames.slice(connack + 1, asked).filter(frame => frame.startsWith('received '))).toEqual([])
})

/** The package that the phone runs, as it lies in build/phone beside the runtime. */
function packageKib(): number {
  const folder = join(packageRoot(), 'build', 'phone')
  const sizeOf = (path: string): number =>
    statSync(path).isDirectory()
      ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
      : statSync(path).size
  return Math.round(sizeOf(folder) / 1024)
}
