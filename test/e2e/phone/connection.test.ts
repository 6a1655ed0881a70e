import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import { atHome, expectSwitch, household, simulated, switchOf } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { keptState } from '../../support/kept-state.ts'
import { freePort } from '../../support/network/free-port.ts'
import { startApp } from '../../support/start-app.ts'
import { logged } from '../../support/story.ts'

const lost = 'Connection lost. Trying again…'

browserTest('after a minute in the background with a socket that died silently, the phone is live again', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  await using other = await openPhone({ running, user: 'alice' })
  const { page } = phone
  for (const one of [page, other.page]) await expectSwitch(one, 'Hall lamp', false)

  await phone.background({ forMs: 60_000, socketDies: true })
  await switchOf(other.page, 'Hall lamp').click()
  await expectSwitch(other.page, 'Hall lamp', true)
  await expectSwitch(page, 'Hall lamp', false)
  await phone.foreground()
  await expectSwitch(page, 'Hall lamp', true)
  await switchOf(page, 'Hall lamp').click()
  await expectSwitch(other.page, 'Hall lamp', false)
  await simulator.stop()
})

browserTest('without a network the phone says so, keeps what it knew, and is live when it is back', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone

  await expectSwitch(page, 'Hall lamp', false) // what it will have known
  await phone.setNetwork(false)
  await page.getByText(lost).waitFor()
  await switchOf(page, 'Hall lamp').click()
  await page.getByText('No connection. Try again when the phone is online.').waitFor()
  await expectSwitch(page, 'Hall lamp', false)
  await phone.setNetwork(true)
  await page.getByText(lost).waitFor({ state: 'detached' })
  await switchOf(page, 'Hall lamp').click()
  await expectSwitch(page, 'Hall lamp', true)
  await simulator.stop()
})

browserTest('a broker that restarts while the phone is open is found again, and everything goes on', async () => {
  const ports = { LATCHKEY_HTTP_PORT: `${await freePort()}`, LATCHKEY_MQTT_PORT: `${await freePort()}` }
  const first = await startApp({ env: ports })
  const { dataDir } = first.config
  const { device, simulator } = await simulated(first, 'lamp', 'lamp-1', 'Hall lamp')
  await household(first, 'alice', [device])
  await using phone = await openPhone({ running: first, user: 'alice' })
  const { page } = phone
  await atHome(page)
  await simulator.stop()
  await first.app.stop()
  await page.getByText(lost).waitFor()

  await using second = await startApp({ dataDir, env: ports })
  await page.getByText(lost).waitFor({ state: 'detached' })
  await page.getByText('1 device · 0 online').waitFor()
  expect(logged(second, '"request"', 'auth/login')).toBe(false) // the token still holds
  await first[Symbol.asyncDispose]()
})

browserTest('a token whose time ends while the phone is open is replaced, and the page stays', async () => {
  await using running = await startApp({
    configure: config => ({ ...config, tokens: { ...config.tokens, lifetimeSeconds: 3 } }),
  })
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await atHome(page)
  await expect.poll(() => logged(running, 'token-expired')).toBe(true)

  expect(await phone.route()).toBe('pages/home/home')
  // The next token ends too, and may take a tap with it: the switch rolls back then, and is tapped again.
  await expect
    .poll(async () => {
      const lamp = switchOf(page, 'Hall lamp')
      if ((await lamp.getAttribute('aria-checked')) === 'false') await lamp.click()
      return keptState(running.config.dataDir, 'lamp-1')
    })
    .toMatchObject({ on: true })
  await simulator.stop()
})
