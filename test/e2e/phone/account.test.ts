import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import {
  atHome,
  back,
  field,
  household,
  registerOn,
  simulated,
  typedPassword,
} from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

const onMe = async (page: Parameters<typeof back>[0], row: string) => {
  await page.getByRole('tab', { name: 'Me' }).click()
  await page.getByRole('button', { name: row, exact: true }).click()
}

browserTest('a person sees where they are signed in, and logs another phone out from here', async () => {
  await using running = await startApp()
  await using here = await openPhone({ running, user: 'alice' })
  await registerOn(here.page, 'alice')
  await using there = await openPhone({ running, user: 'alice' })
  await atHome(there.page)
  const { page } = here
  await onMe(page, 'Where you are signed in')
  await page.getByText('This phone').waitFor()
  await expect.poll(() => page.getByText('Online now').count()).toBe(2)
  await page.getByRole('button', { name: 'Log out there' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click()
  await there.page.getByText('This phone was signed out. Sign in again to go on.').waitFor()
  await page.getByText('Another phone or program').waitFor({ state: 'detached' })
  expect(await here.route()).toBe('pages/sessions/sessions')
})

browserTest(
  'what is kept of an account is shown and copied, with what its devices recorded by the day; help and about are there',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice' })
    const { page } = phone
    await atHome(page)
    const lamp = { deviceId: 'lamp-1', property: 'brightness' }
    const days = Array.from({ length: 700 }, (_, n) => ({ ...lamp, atMs: Date.now() - n * 86_400_000, value: n % 100 }))
    await running.admin.store.history.record(days.reverse())
    await onMe(page, 'Export my data')
    await page.getByText('"name": "Hall lamp"').waitFor()
    await page.getByText('The rest is not shown here').waitFor()
    expect(await phone.calls('setClipboardData')).toBe(0)
    await page.getByRole('button', { name: 'Copy all of it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Agree' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    expect(await phone.calls('setClipboardData')).toBe(1)
    const [{ data }] = (await page.evaluate('phone.calls.setClipboardData')) as [{ data: string }]
    const { history } = JSON.parse(data)
    expect(history.length).toBeGreaterThanOrEqual(700)
    expect(history[0]).toMatchObject({ ...lamp, min: expect.any(Number), rise: expect.any(Number) })
    await back(page)
    await onMe(page, 'Help')
    await page.getByText('I forgot my password').waitFor()
    await back(page)
    await onMe(page, 'About')
    await page.getByText('mqtt', { exact: true }).waitFor()
    await back(page)
    await onMe(page, 'Privacy')
    await page.getByRole('dialog').getByText('WeChat shows the privacy terms here').waitFor()
    await simulator.stop()
  },
)

browserTest(
  'WeChat asks about privacy before anything is copied: who refuses is told what came of it and asked again later, who agrees is not asked again',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice', path: 'pages/device/device?id=lamp-1' })
    const { page } = phone
    const copy = page.getByRole('button', { name: 'Copy the device id' })
    const ask = page.getByRole('dialog', { name: 'Privacy' })
    const refused = page.getByText('Not copied: you have not agreed to the privacy terms.')
    await copy.click()
    await ask.getByRole('button', { name: 'Refuse' }).click()
    await refused.waitFor()
    await refused.waitFor({ state: 'detached' })
    await copy.click() // WeChat does not ask twice within ten seconds
    await refused.waitFor()
    expect(await ask.count()).toBe(0)
    await phone.background({ forMs: 11_000 })
    await phone.foreground()
    await copy.click()
    await ask.getByRole('button', { name: 'Agree' }).click()
    await page.getByText('Copied').waitFor()
    await page.reload()
    await copy.click()
    await page.getByText('Copied').waitFor()
    expect(await ask.count()).toBe(0)
    await page.evaluate('phone.forgetConsent()')
    await copy.click()
    await ask.waitFor()
    await simulator.stop()
  },
)

browserTest(
  'what is kept of an account is sent as a file, which is gone from the phone when the page is; where none can be written the text is copied',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice' })
    const { page } = phone
    await atHome(page)
    await onMe(page, 'Export my data')
    const send = page.getByRole('button', { name: 'Send as a file' })
    const downloading = page.waitForEvent('download')
    await send.click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^latchkey-\d{4}-\d\d-\d\d\.json$/)
    const { account, devices, history } = JSON.parse(readFileSync(await download.path(), 'utf8'))
    expect([account.username, devices[0].name, Array.isArray(history)]).toEqual(['alice', 'Hall lamp', true])

    for (const [failure, calls] of [
      ['cancel', 2],
      ['file is too large', 3],
    ] as const) {
      await page.evaluate(`phone.mock('shareFileMessage', () => { throw new Error('${failure}') })`)
      await send.click()
      await expect.poll(() => phone.calls('shareFileMessage')).toBe(calls)
    }
    await page.getByText('The file could not be sent. Copy the text instead.').waitFor()
    expect(await phone.calls('showToast')).toBe(1) // who changed their mind is told nothing
    await back(page)
    expect(await phone.calls('unlink')).toBe(1)
    await page.evaluate("phone.mock('writeFile', () => { throw new Error('the maximum size is exceeded') })")
    await onMe(page, 'Export my data')
    await page.getByText('"name": "Hall lamp"').waitFor()
    expect(await send.filter({ visible: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Copy all of it' }).waitFor()
    await simulator.stop()
  },
)

browserTest(
  'an account is deleted by its person, who is asked what becomes of the devices; the other phone is signed out',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice' })
    await using other = await openPhone({ running, user: 'alice' })
    await atHome(other.page)
    const { page } = phone
    await atHome(page)
    await onMe(page, 'Delete account')
    await page.getByText('Hall lamp').filter({ visible: true }).waitFor()
    const submit = page.getByRole('button', { name: 'Delete my account' })
    await field(page, 'Password').fill(typedPassword)
    await expect.poll(() => submit.isDisabled()).toBe(true)
    await page.getByRole('checkbox').click()
    await submit.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('I am new here').waitFor()
    await other.page.getByText('This phone was signed out. Sign in again to go on.').waitFor()
    expect(await running.admin.store.devices.membersOf('lamp-1')).toEqual([])
    await registerOn(page, 'alice') // the name, and the WeChat user, are free again
    await page.getByText('No devices yet').waitFor()
    await simulator.stop()
  },
)

browserTest('pages that ask once ask again when the connection comes back', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  for (const [path, words] of [
    ['pages/sessions/sessions', 'This phone'],
    ['pages/export/export', '"name": "Hall lamp"'],
    ['pages/share/share?id=lamp-1', 'alice'],
  ] as const) {
    // Opened by itself it asks before anybody is signed in.
    await using phone = await openPhone({ running, user: 'alice', path })
    await phone.page.getByText(words).first().waitFor()
    expect(await phone.page.getByText('No connection').count()).toBe(0)
  }
  await simulator.stop()
})
