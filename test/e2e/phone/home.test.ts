import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import { back, field, household } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

browserTest(
  'many devices are searched and sorted, and favourites come first, also after the app was closed',
  async () => {
    await using running = await startApp()
    const devices = []
    for (const [type, id, name] of [
      ...[10, 2, 1].map(n => ['lamp', `lamp-${n}`, `Lamp ${n}`] as const),
      ...['Kettle', 'Fridge', 'Heater'].map((name, n) => ['plug', `plug-${n}`, name] as const),
      ['sensor', 'sense-1', 'Balcony'] as const,
    ]) {
      const added = await running.admin.provisioning.addDevice({ type, id, name })
      if (typeof added === 'string') throw new Error(added)
      devices.push(added)
    }
    await household(running, 'alice', devices)
    await using phone = await openPhone({ running, user: 'alice' })
    const { page } = phone
    const names = () => page.locator('.open .name').allTextContents()

    await expect.poll(names).toHaveLength(7)
    await field(page, 'Search').fill('lamp')
    await expect.poll(names).toHaveLength(3)
    await field(page, 'Search').fill('nothing of the kind')
    await page.getByText('No device is called that.').waitFor()
    await field(page, 'Search').fill('')
    await page.getByLabel('Order').click()
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await expect.poll(names).toEqual(['Balcony', 'Fridge', 'Heater', 'Kettle', 'Lamp 1', 'Lamp 2', 'Lamp 10'])

    await page.getByRole('button', { name: /^Lamp 2/ }).click()
    await page.getByRole('switch', { name: 'Favourite' }).click()
    await back(page)
    await expect.poll(async () => (await names())[0]).toBe('Lamp 2')
    await page.reload()
    await expect.poll(names).toEqual(['Lamp 2', 'Balcony', 'Fridge', 'Heater', 'Kettle', 'Lamp 1', 'Lamp 10'])
  },
)
