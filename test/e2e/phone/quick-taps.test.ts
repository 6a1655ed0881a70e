import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { connectDevice } from '../../../devices/sdk/connect-device.ts'
import { type OpenPhoneOptions, openPhone } from '../../support/browser/open-phone.ts'
import { household } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

const lampMs = 400

/** A lamp that takes {@link lampMs} for everything; the commands of these numbers, from 0 on, never reach it. */
async function slowLamp(running: RunningApp, lost: readonly number[]) {
  const device = await running.admin.provisioning.addDevice({ type: 'lamp', id: 'lamp-1', name: 'Hall lamp' })
  if (typeof device === 'string') throw new Error(`device add answered ${device}`)
  const lamp = connectDevice({ url: running.mqttUrl, id: device.id, secret: device.secret })
  let commands = 0
  lamp.onSet(async wanted => {
    if (lost.includes(commands++)) return new Promise(() => {})
    await delay(lampMs)
    return wanted
  })
  lamp.onInvoke('blink', () => new Promise(() => {}))
  lamp.report({ on: false })
  await household(running, 'alice', [device])
  return lamp
}

/** Taps the switch three times within 200 ms, and notes everything that it shows from then on, each change once. */
const tapThrice = `(async () => {
  const element = document.querySelector('[role="switch"][aria-label^="Hall lamp"]')
  const now = () => element.getAttribute('aria-checked')
  const seen = [now()]
  const note = value => {
    if (value !== seen[seen.length - 1]) seen.push(value)
  }
  new MutationObserver(records => {
    for (const { oldValue } of records) note(oldValue)
    note(now())
  }).observe(element, { attributeFilter: ['aria-checked'], attributeOldValue: true })
  window.seen = seen
  for (let tap = 0; tap < 3; tap++) {
    if (tap > 0) await new Promise(resolve => setTimeout(resolve, 90))
    element.click()
  }
})()`
const seen = (page: Page) => page.evaluate('window.seen')

async function openedPhone(running: RunningApp, options: Partial<OpenPhoneOptions> = {}) {
  const phone = await openPhone({ running, user: 'alice', ...options })
  const lamp = phone.page.getByRole('switch', { name: /^Hall lamp/ })
  await expect.poll(() => lamp.getAttribute('aria-disabled')).toBe('false')
  expect(await lamp.getAttribute('aria-checked')).toBe('false')
  return phone
}

const settled = (page: Page) =>
  expect.poll(() => page.evaluate('phone.app().devices.get("lamp-1").pending')).toEqual([])

/** Waits longer than for any command that was sent before: this one is never answered. */
const outwaited = async (page: Page) =>
  expect(await page.evaluate('phone.app().devices.invoke("lamp-1", "blink")')).toEqual({
    done: false,
    msg: 'no answer in time',
  })

browserTest('a slow lamp that is tapped on, off and on shows each tap, and nothing older after it', async () => {
  await using running = await startApp()
  const lamp = await slowLamp(running, [])
  await using phone = await openedPhone(running)
  await phone.page.evaluate(tapThrice)
  await settled(phone.page)
  await outwaited(phone.page)
  expect(await seen(phone.page)).toEqual(['false', 'true', 'false', 'true'])
  expect(await phone.calls('showToast')).toBe(0)
  await lamp.close()
})

browserTest('when the middle one of three taps is lost nothing is said, and the last one is shown', async () => {
  await using running = await startApp()
  const lamp = await slowLamp(running, [1])
  await using phone = await openedPhone(running)
  await phone.page.evaluate(tapThrice)
  await outwaited(phone.page)
  expect(await seen(phone.page)).toEqual(['false', 'true', 'false', 'true'])
  expect(await phone.calls('showToast')).toBe(0)
  await lamp.close()
})

for (const [locale, text] of [
  ['en', 'The device did not answer.'],
  ['zh-CN', '设备未响应。'],
] as const) {
  browserTest(
    `when the last one of three taps is lost it is said, and the lamp is shown as it is (${locale})`,
    async () => {
      await using running = await startApp()
      const lamp = await slowLamp(running, [2])
      await using phone = await openedPhone(running, { locale })
      await phone.page.evaluate(tapThrice)
      await phone.page.getByText(text).waitFor()
      await settled(phone.page)
      expect(await seen(phone.page)).toEqual(['false', 'true', 'false', 'true', 'false'])
      expect(await phone.calls('showToast')).toBe(1)
      await lamp.close()
    },
  )
}
