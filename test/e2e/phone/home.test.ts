import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import {
  back,
  expectSwitch,
  field,
  household,
  simulated,
  standing,
  switchOf,
} from '../../support/browser/phone-steps.ts'
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

browserTest(
  'a card on the smallest phone has a name of two lines, a switch that a finger hits, and opens by a tap anywhere else; what is pressed shows it',
  async () => {
    await using running = await startApp()
    const name = 'The lamp of the room upstairs'
    const { device } = await simulated(running, 'lamp', 'lamp-1', name)
    await household(running, 'alice', [device])
    await using phone = await openPhone({ running, user: 'alice', width: 320 })
    const { page } = phone
    await expectSwitch(page, name, false)

    const reach = page.locator('label').filter({ has: switchOf(page, name) })
    await standing(page)
    const { x, y, width, height } = (await reach.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(44)
    for (const [on, along] of [
      [true, 0.04],
      [false, 0.96],
    ] as const) {
      await page.mouse.click(x + width / 2, y + height * along)
      await expectSwitch(page, name, on)
    }
    expect(await phone.route()).toBe('pages/home/home')

    const title = "document.querySelector('.open .name')"
    const lines = `Math.round(${title}.clientHeight / parseFloat(getComputedStyle(${title}).lineHeight))`
    expect(await page.evaluate(lines)).toBe(2)
    expect(await page.evaluate(`${title}.scrollHeight - ${title}.clientHeight`)).toBeLessThanOrEqual(1) // nothing is cut; halves are rounded

    const card = page.locator('.box')
    await page.locator('.tile').hover()
    await page.mouse.down()
    await expect.poll(() => card.getAttribute('class')).toMatch(/\bpressed\b/)
    expect(await page.evaluate("getComputedStyle(document.querySelector('.box')).transitionDuration")).toMatch(
      /^0\.18s/,
    )
    await page.mouse.up()
    await page.getByText('Remove device').waitFor()
    expect(await page.evaluate("getComputedStyle(document.querySelector('wx-page')).animationDuration")).toBe('0.18s')
    await back(page)
    await expect.poll(() => card.getAttribute('class')).not.toMatch(/\bpressed\b/)
  },
)
