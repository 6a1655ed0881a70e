import { expect } from 'vitest'
import {
  addOperator,
  openConsole,
  operatorPassword,
  signedInConsole,
  signIn,
  untilLogged,
} from '../../support/browser/open-console.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser } from '../../support/story.ts'

/** A port on which nobody listens. */
const nobodyThere = 1

browserTest('an operator signs in, and out, which ends the token; nothing of it is stored', async () => {
  await using running = await startApp()
  await addOperator(running)
  await using opened = await openConsole({ running })
  const { page } = opened
  await signIn(page, 'root', 'wrong')
  await page.getByText('Wrong user name or password.').waitFor()
  await signIn(page, 'root', operatorPassword)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  const kept = await page.evaluate(
    '(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length])()',
  )
  expect(kept).toEqual([0, 0, '', 0])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await expect.poll(() => running.app.connectedClients()).toBe(0)
  await page.reload()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
})

browserTest('over plain HTTP, from a host that browsers do not trust, it works too', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running, url: `http://plain.test:${running.app.ports.http}` })
  expect(await opened.page.evaluate('window.isSecureContext')).toBe(false)
  await opened.page.getByText('connected', { exact: true }).waitFor()
})

browserTest('who is no operator does not get in, and is left with no token', async () => {
  await using running = await startApp()
  const { client } = await registerUser(running, 'ann')
  await client[Symbol.asyncDispose]()
  await using opened = await openConsole({ running })
  await signIn(opened.page, 'ann', operatorPassword)
  await opened.page.getByText('This account is not an operator.').waitFor()
  await expect.poll(() => running.app.connectedClients()).toBe(0)
  expect(running.lines.some(line => line.includes('"auth/logout"'))).toBe(true)
})

browserTest('when the account is disabled, the page goes back to signing in and says why', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running })
  await running.admin.administration.setDisabled('root', true)
  await opened.page.getByText('The broker ended your sign-in. Sign in again.').waitFor()
  await signIn(opened.page, 'root', operatorPassword)
  await opened.page.getByText('this account is disabled').waitFor()
})

browserTest('when the connection is cut, the page says so, comes back by itself and hears the log again', async () => {
  await using running = await startApp()
  await using network = await startCuttableProxy(running.app.ports.http)
  await using opened = await signedInConsole({ running, url: `http://127.0.0.1:${network.port}` })
  const { page } = opened
  await opened.show('Live log')
  network.target = nobodyThere // until the page has said so
  network.cut()
  await page.getByText('connection lost: trying again…').waitFor()
  network.target = running.app.ports.http
  await page.getByText('connected', { exact: true }).waitFor()
  const { client } = await registerUser(running, 'ann')
  await untilLogged(page, 'device/list', () => client.request('device/list', {}))
  await client[Symbol.asyncDispose]()
})
