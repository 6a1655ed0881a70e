import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { household, silent } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startSlowLink } from '../../support/network/slow-link.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

/** Three seconds are the bar, and the browser is shared. */
const barMs = 6000
const nowhere = 9 // the port "discard", where nobody listens

for (const [locale, offline, lost] of [
  ['en', 'No connection. Try again when the phone is online.', 'Connection lost. Trying again…'],
  ['zh-CN', '网络未连接，请联网后重试。', '连接已断开，正在重连…'],
] as const) {
  browserTest(
    `a tap on a link that died without a word: no connection, the device is not blamed, and nothing is repeated (${locale})`,
    async () => {
      await using running = await startApp()
      await using proxy = await startCuttableProxy(running.app.ports.http)
      const { device, client } = await silent(running, 'lamp', 'lamp-1', 'Hall lamp')
      await client.mqtt.publishAsync(topics.state('lamp-1'), '{"on":false,"brightness":10}', { qos: 1 })
      await household(running, 'alice', [device])
      const behindProxy = { ...running, httpUrl: `http://127.0.0.1:${proxy.port}` }
      await using phone = await openPhone({ running: behindProxy, user: 'alice', locale })
      const { page } = phone
      const lamp = page.getByRole('switch', { name: /^Hall lamp/ })
      const isOn = () => lamp.getAttribute('aria-checked')
      await expect.poll(() => lamp.getAttribute('aria-disabled')).toBe('false')
      const commands = () => client.received.filter(({ topic }) => topic === topics.set('lamp-1')).length

      proxy.silence()
      proxy.target = nowhere
      const tappedAt = performance.now()
      await lamp.click()
      expect(await isOn()).toBe('true')
      await page.getByText(offline).waitFor()
      expect(performance.now() - tappedAt).toBeLessThan(barMs)
      await expect.poll(isOn).toBe('false')
      await page.getByText(lost).waitFor()

      // What the lamp says while there is no connection is there with the next one.
      await client.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
      proxy.target = running.app.ports.http
      await page.getByText(lost).waitFor({ state: 'detached' })
      await expect.poll(isOn).toBe('true')
      expect(await phone.calls('showToast')).toBe(1)
      await lamp.click()
      await client.message(topics.set('lamp-1'), ({ payload }) => payload.includes('false'))
      expect(commands()).toBe(1)
      await client[Symbol.asyncDispose]()
    },
  )
}

browserTest('three hundred devices over 50 kB/s: the page has them all, on the one connection it made', async () => {
  await using running = await startApp()
  await household(running, 'alice', [])
  const owner = await running.admin.store.accounts.accountByUsername('alice')
  for (let index = 0; index < 300; index++) {
    const { id } = await addDevice(running, 'lamp', `lamp-${index}`)
    await running.admin.store.devices.claim(id, owner?.id ?? '')
  }
  await using link = await startSlowLink(running.app.ports.http, { bytesPerSecond: 50_000 })
  const overSlowLink = { ...running, httpUrl: `http://127.0.0.1:${link.port}` }
  await using phone = await openPhone({ running: overSlowLink, user: 'alice' })
  await phone.page.getByText('300 devices · 0 online').waitFor()
  expect(await phone.calls('connectSocket')).toBe(1)
})
