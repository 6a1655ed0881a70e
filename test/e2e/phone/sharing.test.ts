import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import {
  atHome,
  back,
  claimOn,
  expectSwitch,
  field,
  household,
  registerOn,
  simulated,
  switchOf,
} from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

browserTest(
  'a device is shared to a second phone, controlled from there, and disappears there when it is revoked',
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await using alice = await openPhone({ running, user: 'alice' })
    await registerOn(alice.page, 'alice')
    await claimOn(alice.page, device)

    await alice.page.getByRole('button', { name: /^Hall lamp/ }).click()
    await alice.page.getByRole('button', { name: 'Members and sharing' }).click()
    await alice.page.getByRole('button', { name: 'Make an invitation' }).click()
    await alice.page.getByRole('button', { name: 'Send to a friend' }).click()
    const card = await alice.share()
    expect(card.title).toBe('You are invited to "Hall lamp"')

    // Bob has no account yet: the card waits until he has.
    await using bob = await openPhone({ running, user: 'bob', path: card.path })
    await bob.page.getByText('alice invites you to "Hall lamp"').waitFor()
    await bob.page.getByText('Sees and controls the device.').waitFor()
    await field(bob.page, 'User name').fill('bob')
    await field(bob.page, 'Password').fill('correct horse')
    await field(bob.page, 'Again').fill('correct horse')
    await bob.page.getByRole('button', { name: 'Register and sign in' }).click()
    await bob.page.getByText('alice invites you to "Hall lamp"').filter({ visible: true }).waitFor()
    await bob.page.getByRole('button', { name: 'Accept' }).click()
    await bob.page.getByText('Can control').waitFor()
    await back(bob.page)
    await expectSwitch(bob.page, 'Hall lamp', false)
    await switchOf(bob.page, 'Hall lamp').click()
    await expectSwitch(bob.page, 'Hall lamp', true)

    await back(alice.page)
    await back(alice.page)
    await expectSwitch(alice.page, 'Hall lamp', true)
    await alice.page.getByRole('button', { name: /^Hall lamp/ }).click()
    await alice.page.getByRole('button', { name: 'Members and sharing' }).click()
    await bob.page.getByRole('button', { name: /^Hall lamp/ }).click()
    await bob.page.getByText('Leave device').waitFor()
    await alice.page.getByRole('button', { name: 'Remove bob' }).click()
    await alice.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()

    await bob.page.getByText('This device is not yours any more.').waitFor()
    await bob.page.getByText('No devices yet').waitFor()
    await alice.page.getByRole('button', { name: 'Remove bob' }).waitFor({ state: 'detached' })
    await simulator.stop()
  },
)

browserTest('a viewer sees and cannot control; an invitation works once', async () => {
  await using running = await startApp()
  const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
  await household(running, 'alice', [device])
  await using alice = await openPhone({ running, user: 'alice' })
  await alice.page.getByRole('button', { name: /^Hall lamp/ }).click()
  await alice.page.getByRole('button', { name: 'Members and sharing' }).click()
  await alice.page.getByRole('radio', { name: /View only/ }).click()
  await alice.page.getByRole('button', { name: 'Make an invitation' }).click()
  await alice.page.getByRole('button', { name: 'Send to a friend' }).click()
  const { path } = await alice.share()
  const invitation = new URLSearchParams(path.split('?')[1]).get('invitation') ?? ''

  await household(running, 'bob', [])
  await using bob = await openPhone({ running, user: 'bob' })
  const accept = async () => {
    await bob.page.getByRole('button', { name: 'Add a device' }).first().click()
    await field(bob.page, 'Invitation').fill(invitation)
    await bob.page.getByRole('button', { name: 'Accept' }).click()
  }
  await accept()
  const why = bob.page.getByText('You can look at this device, but not control it.')
  await why.waitFor()
  expect(await bob.page.getByRole('slider').filter({ visible: true }).count()).toBe(0)
  await bob.page.getByText('Brightness').filter({ visible: true }).first().click()
  await expect.poll(() => why.count()).toBe(2) // on the page, and as the answer to the tap
  await back(bob.page)
  await expect.poll(() => switchOf(bob.page, 'Hall lamp').getAttribute('aria-disabled')).toBe('true')
  await accept()
  await bob.page.getByText('Invitation unknown, used or expired.').waitFor()
  await back(bob.page)
  await atHome(bob.page)
  await simulator.stop()
})

browserTest(
  "open invitations are seen and withdrawn, a used one is gone, and a member's role is changed in place",
  async () => {
    await using running = await startApp()
    const { device, simulator } = await simulated(running, 'lamp', 'lamp-1', 'Hall lamp')
    await household(running, 'alice', [device])
    await household(running, 'bob', [])
    await using alice = await openPhone({ running, user: 'alice' })
    const { page } = alice
    await page.getByRole('button', { name: /^Hall lamp/ }).click()
    await page.getByRole('button', { name: 'Members and sharing' }).click()
    await page.getByRole('button', { name: 'Make an invitation' }).click()
    await page.getByText('Open invitations').waitFor()
    await page.getByRole('button', { name: 'Withdraw Can control' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Withdraw' }).click()
    await page.getByText('Open invitations').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Make an invitation' }).click()
    await page.getByRole('button', { name: 'Send to a friend' }).click()
    const { path } = await alice.share()

    await using bob = await openPhone({ running, user: 'bob', path })
    await bob.page.getByText('alice invites you to "Hall lamp"').waitFor()
    await bob.page.getByText('Sees and controls the device.').waitFor()
    await bob.page.getByRole('button', { name: 'Accept' }).click()
    await bob.page.getByText('Leave device').waitFor()
    await page.getByText('The invitation was used.').waitFor()
    await page.getByText('Open invitations').waitFor({ state: 'detached' })
    await page.getByText('The invitation is ready').waitFor({ state: 'detached' })

    await page.getByLabel('Role bob').click()
    await page.getByRole('button', { name: 'View only', exact: true }).click()
    await bob.page.getByText('You can look at this device, but not control it.').waitFor()
    await expect.poll(() => page.getByLabel('Role bob').textContent()).toContain('View only')

    // Whoever opens it after that is told at once that it is void.
    await household(running, 'carol', [])
    await using carol = await openPhone({ running, user: 'carol', path })
    await carol.page.getByText('Invitation unknown, used or expired.').waitFor()
    expect(await carol.page.getByRole('button', { name: 'Accept' }).count()).toBe(0)
    await simulator.stop()
  },
)
