import { expect } from 'vitest'
import { signedInConsole } from '../../support/browser/open-console.ts'
import { openPhone } from '../../support/browser/open-phone.ts'
import { registerOn } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startNginx } from '../../support/network/real-proxies.ts'
import { startApp } from '../../support/start-app.ts'

browserTest('below /iot/ of nginx the console and the phone load, sign in and live', async () => {
  await using running = await startApp({ env: { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' } })
  await using nginx = await startNginx(running, { below: '/iot/', tls: false })
  const url = `http://127.0.0.1:${nginx.ports[0]}/iot`
  const found = await fetch(`${url}/console`)
  expect([found.status, found.url]).toEqual([200, `${url}/console/`])
  await using console = await signedInConsole({ running, url })
  await console.show('Sessions')
  await using phone = await openPhone({ running, url, user: 'ann' })
  await registerOn(phone.page, 'ann')
  await phone.page.getByText('No devices yet').waitFor()
  await console.page.getByText('ann', { exact: true }).first().waitFor()
})
