import { expect } from 'vitest'
import { signedInConsole } from '../../support/browser/open-console.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

/** What services may call themselves, and what the console shows of it. */
const ids = [
  ['paho/41f3', 'paho/41f3'],
  ['node red 1', 'node red 1'],
  ['温度/计', '温度/计'],
  ['?a=1&b=2', '?a=1&b=2'],
  ['gate\u202eway "1"', 'gate\\u{202e}way "1"'],
] as const

browserTest('a service is found, explained, followed and kicked by whatever id it came with', async () => {
  await using running = await startApp()
  const password = await serviceToken(running)
  await using opened = await signedInConsole({ running })
  const { page } = opened
  for (const [clientId, shown] of ids) {
    await using service = await connectClient(running.mqttUrl, { username: 'jwt', password, clientId })
    await opened.show('Sessions')
    await page.getByLabel('Search').fill(clientId)
    const row = page.getByRole('row').filter({ hasText: shown })
    await row.getByRole('link', { name: 'Trace' }).click()
    expect(await page.getByLabel('Name or id').inputValue()).toBe(clientId)
    await page.getByRole('button', { name: 'Follow' }).click()
    await page.getByText('Nothing has happened yet.').waitFor()
    await service.mqtt.publishAsync('app/x', '{}', { qos: 1 })
    await page.getByRole('log').getByText('published').first().waitFor()

    await opened.show('Explain')
    await page.getByLabel('Who').selectOption('session')
    await page.getByLabel('Name or id').fill(clientId)
    await page.getByLabel('Topic').fill('app/x')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByRole('status').getByText('service-acl').waitFor()

    await opened.show('Sessions')
    await page.getByLabel('Search').fill(clientId)
    await row.getByRole('button', { name: 'Kick' }).click()
    await page.getByRole('dialog').getByText(shown).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click()
    await page.getByText('Kick: done.').waitFor()
    await service.closed()
  }
})
