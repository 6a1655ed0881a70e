import { expect } from 'vitest'
import { startDemo } from '../../../src/cli/start/demo.ts'
import { typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest, sharedBrowser, watchComplaints } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

browserTest(
  'the link that the demo prints adds its lamp by a tap, and its scanner reads the lamp too; a low window shows the whole phone',
  async () => {
    await using running = await startApp()
    const demo = await startDemo(running.config, running.app)
    const [link = ''] = /http\S*\/phone\/\?add=\S+/.exec(demo.text) ?? []
    expect(link).toContain('demo-lamp')
    const browser = await sharedBrowser()
    const context = await browser.newContext({ viewport: { width: 1000, height: 560 }, locale: 'en' })
    const page = await context.newPage()
    const noComplaints = watchComplaints(page)
    await page.goto(link)
    const box = await page.getByTitle('Phone').boundingBox()
    expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 1000) <= 560).toBe(true)
    const frame = page.frameLocator('iframe')
    const typed = (label: string) => frame.getByLabel(label, { exact: true }).filter({ visible: true })
    await typed('User name').fill('alice')
    await typed('Password').fill(typedPassword)
    await typed('Again').fill(typedPassword)
    await frame.getByRole('button', { name: 'Register and sign in' }).click()
    await expect.poll(() => typed('Device id').inputValue()).toBe('demo-lamp')
    await frame.getByRole('button', { name: 'Add', exact: true }).click()
    await frame.getByText('Remove device').waitFor()
    await frame.getByRole('button', { name: 'Back' }).click()
    await frame.getByRole('button', { name: 'Add a device' }).first().click()
    await frame.getByRole('button', { name: 'Scan', exact: true }).click()
    await frame.getByText('This device already has an owner.').waitFor() // it was read: it is hers
    await demo.stop()
    await context.close()
    noComplaints()
  },
)
