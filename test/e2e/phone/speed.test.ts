import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { packageRoot } from '../../../src/package-root.ts'
import { openPhone } from '../../support/open-phone.ts'
import { atHome, expectSwitch, household, simulated, switchOf } from '../../support/phone-steps.ts'
import { browserTest } from '../../support/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'
import { untilInPage } from '../../support/until-in-page.ts'

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

/** The package that the phone runs, as it lies in build/phone beside the runtime. */
function packageKib(): number {
  const folder = join(packageRoot(), 'build', 'phone')
  const sizeOf = (path: string): number =>
    statSync(path).isDirectory()
      ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
      : statSync(path).size
  return Math.round(sizeOf(folder) / 1024)
}
