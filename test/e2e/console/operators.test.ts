import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { type OpenConsole, signedInConsole, untilLogged } from '../../support/browser/open-console.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf, registerUser } from '../../support/story.ts'

const confirm = ({ page }: OpenConsole, name: string) => page.getByRole('dialog').getByRole('button', { name }).click()
const row = ({ page }: OpenConsole, name: string) => page.getByRole('row').filter({ hasText: name })

browserTest('the overview counts what happens', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running })
  const { page } = opened
  const connections = page.locator('.tile', { hasText: 'Connections' }).locator('strong')
  await expect.poll(() => connections.textContent()).toBe('1')
  const { device, client: ann } = await ownerOf(running, 'sensor-1')
  await using _ = await connectAsDevice(running, device)
  await expect.poll(() => connections.textContent()).toBe('3')
  await ann.mqtt.publishAsync(topics.set('not-mine'), '{}', { qos: 1 })
  const refusals = page.locator('figure', { hasText: 'Refusals in the last minute' })
  await refusals.locator('.u-legend').getByText('no-rule').waitFor()
  const signIns = page.locator('figure', { hasText: 'Sign-ins in the last minute' })
  await signIns.locator('.u-legend').getByText('signed in').waitFor()
  await ann[Symbol.asyncDispose]()
})

browserTest('the live log is searched, narrowed and paused, and nothing is lost while it is', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Live log')
  const { client: ann } = await registerUser(running, 'ann')
  await untilLogged(page, 'device/list', () => ann.request('device/list', {}))
  const { client: bob } = await registerUser(running, 'bob')
  const lines = page.getByRole('log').getByRole('button')
  await lines.filter({ hasText: 'username=bob' }).first().waitFor()
  await page.getByLabel('Text in the line').fill('username":"ann')
  await expect.poll(() => lines.filter({ hasText: 'username=bob' }).count()).toBe(0)
  await page.getByLabel('Text in the line').fill('')

  await page.getByRole('button', { name: 'Pause' }).click()
  const before = await lines.count()
  await ann.mqtt.publishAsync(topics.set('not-mine'), '{}', { qos: 1 })
  await page.getByText(/^\d+ more since/).waitFor()
  expect(await lines.count()).toBe(before)
  await page.getByRole('button', { name: 'Resume' }).click()
  await lines.filter({ hasText: 'publish-refused' }).click()
  await page.getByLabel('Line', { exact: true }).getByText('devices/not-mine/set').waitFor()

  await page.getByLabel('Lowest level').selectOption('warn')
  await page.getByRole('button', { name: 'Clear' }).click()
  await ann.request('device/list', {})
  await bob.mqtt.publishAsync(topics.set('not-mine'), '{}', { qos: 1 })
  await lines.filter({ hasText: 'publish-refused' }).waitFor()
  expect(await lines.count()).toBe(1)
  await ann[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

browserTest('sessions are found and kicked, users disabled and enabled, and all of it is on record', async () => {
  await using running = await startApp()
  const { client: ann } = await registerUser(running, 'ann')
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Sessions')
  await page.getByLabel('Search').fill('ann')
  await expect.poll(() => page.getByRole('row').count()).toBe(2)
  const closed = new Promise<void>(resolve => ann.mqtt.once('close', () => resolve()))
  await row(opened, 'ann').getByRole('button', { name: 'Kick' }).click()
  await confirm(opened, 'Kick')
  await page.getByText('Kick: done.').waitFor()
  await closed
  await ann[Symbol.asyncDispose]()

  await opened.show('Users')
  await row(opened, 'ann').getByRole('button', { name: 'Disable' }).click()
  await confirm(opened, 'Cancel')
  await row(opened, 'ann').getByText('enabled').waitFor()
  await row(opened, 'ann').getByRole('button', { name: 'Disable' }).click()
  await confirm(opened, 'Disable')
  await row(opened, 'ann').getByText('disabled').waitFor()
  await row(opened, 'ann').getByRole('button', { name: 'Enable' }).click()
  await row(opened, 'ann').getByText('enabled').waitFor()
  await row(opened, 'root').getByRole('button', { name: 'Disable' }).click()
  await confirm(opened, 'Disable')
  await page.getByText(/^Disable: not allowed/).waitFor()

  await row(opened, 'ann').getByRole('link', { name: 'On record' }).click()
  await page.getByRole('cell', { name: 'user/disable' }).waitFor()
  await page.getByRole('cell', { name: 'user/enable' }).waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export as JSON lines' }).click()
  const saved = (await readFile(await (await download).path(), 'utf8')).trim().split('\n')
  expect(saved.map(line => JSON.parse(line).kind)).toEqual(
    expect.arrayContaining(['user/enable', 'user/disable', 'registered']),
  )
})

browserTest("an address is blocked, and let in again; not one's own", async () => {
  await using running = await startApp({ env: { LATCHKEY_HOST: '::' } })
  const elsewhere = running.mqttUrl.replace('127.0.0.1', '[::1]')
  const guest = await connectClient(elsewhere, { clientId: 'far-away' })
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Sessions')
  await row(opened, 'console-').getByRole('button', { name: 'Block' }).click()
  await confirm(opened, 'Block')
  await page.getByText(/^Block: not allowed/).waitFor()
  const closed = new Promise<void>(resolve => guest.mqtt.once('close', () => resolve()))
  await row(opened, 'far-away').getByRole('button', { name: 'Block' }).click()
  await confirm(opened, 'Block')
  await closed
  await guest[Symbol.asyncDispose]()
  await expect(connectClient(elsewhere, { clientId: 'far-away' })).rejects.toThrow()
  await page.getByRole('button', { name: 'Unblock' }).click()
  await page.getByText('Unblock: done.').waitFor()
  await using _ = await connectClient(elsewhere, { clientId: 'far-away' })
})

browserTest('an address that has no session is blocked by hand, however it is written', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Sessions')
  const block = page.getByRole('region', { name: 'Blocked addresses' })
  for (const [typed, network] of [
    ['[2001:0DB8::1]', '2001:db8:0:0::/64'],
    [' ::ffff:192.0.2.7', '192.0.2.7'],
    ['203.0.113.9/24', '203.0.113.0/24'],
    ['2001:db8:7:8::/48', '2001:db8:7:0::/48'],
  ] as const) {
    await block.getByRole('textbox', { name: 'Address' }).fill(typed)
    await block.getByRole('button', { name: 'Block', exact: true }).click()
    await confirm(opened, 'Block')
    await block.getByText(network, { exact: true }).waitFor()
  }
})

browserTest('a device is added, its QR code shows what its owner scans, and it is disabled at once', async () => {
  await using running = await startApp()
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Devices')
  await page.getByText('Nothing here.').waitFor()
  const add = async (type: string) => {
    await page.getByRole('button', { name: 'Add a device' }).click()
    await page.getByLabel('Type', { exact: true }).fill(type)
    await page.getByLabel('Device id (generated if empty)').fill('lamp-1')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
  }
  await add('lamp')
  await page.getByRole('heading', { name: 'lamp-1 is registered' }).waitFor()
  const [secret = '', claimCode = ''] = await page.getByRole('dialog').locator('code').allTextContents()
  await page.getByRole('img', { name: 'QR code for claiming' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  const device = await connectAsDevice(running, { id: 'lamp-1', secret, claimCode })
  await row(opened, 'lamp-1').getByText('online').waitFor()
  const closed = new Promise<void>(resolve => device.mqtt.once('close', () => resolve()))
  await row(opened, 'lamp-1').getByRole('button', { name: 'Disable' }).click()
  await confirm(opened, 'Disable')
  await closed
  await device[Symbol.asyncDispose]()
  const { client: ann } = await registerUser(running, 'ann')
  expect(await ann.request('device/claim', { deviceId: 'lamp-1', code: claimCode })).toMatchObject({ code: 0 })
  await ann[Symbol.asyncDispose]()
  await add('lamp')
  await page.getByText('Add a device: this id is taken (3002)').waitFor()
})

browserTest('explain and trace tell why something does not work', async () => {
  await using running = await startApp()
  const { device, client: ann } = await ownerOf(running, 'lamp-1', 'lamp')
  await using opened = await signedInConsole({ running })
  const { page } = opened
  await opened.show('Explain')
  await page.getByLabel('Name or id').fill('ann')
  await page.getByLabel('Topic').fill(topics.set('lamp-1'))
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText('there is nothing of this name').waitFor()
  await page.getByLabel('Name or id').fill('owner-of-lamp-1')
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText('Allowed', { exact: true }).waitFor()
  await page.getByText('device-offline').waitFor()

  await opened.show('Devices')
  await row(opened, 'lamp-1').getByRole('link', { name: 'Trace' }).click()
  await page.getByRole('button', { name: 'Follow' }).click()
  await page.getByText('Nothing has happened yet.').waitFor()
  await using lamp = await connectAsDevice(running, device)
  await untilLogged(page, 'published', () => lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 }))
  await page.getByRole('log').getByText('published').first().click()
  await page.getByLabel('Line', { exact: true }).getByText('{"on":true}').waitFor()
  await ann[Symbol.asyncDispose]()
})
