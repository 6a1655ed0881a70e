import { expect } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { signedInConsole, untilLogged } from '../../support/browser/open-console.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { connectClient, connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf, password } from '../../support/story.ts'

const image = '<img src=x onerror="window.hacked=1">'
const script = '<script>window.hacked=1</script>'
/** Text that turns around what follows it, and a terminal's colours. */
const turned = '\u202egnp.eci\u2066'
const ansi = '\u001b[31mred\u001b[0m'

browserTest('what hostile clients send is shown as text, runs nothing and turns nothing around', async () => {
  await using running = await startApp()
  await using mallory = await connectGuest(running.wsUrl)
  const registered = await mallory.request('auth/register', { username: image, password, code: wechatCode('mallory') })
  expect(registered.code).toBe(0)
  const named = await running.admin.provisioning.addDevice({ type: 'lamp', id: 'lamp-1', name: image })
  if (typeof named === 'string') throw new Error(named)
  const { device: sensor, client: owner } = await ownerOf(running, 'sensor-1')
  await using opened = await signedInConsole({ running })
  const { page } = opened

  await opened.show('Live log')
  await untilLogged(page, 'device/list', () => mallory.request('device/list', {})) // from now on nothing is missed
  const refuse = (topic: string) => mallory.mqtt.publishAsync(topic, 'x', { qos: 1 })
  await refuse(`devices/${image}/set`)
  await refuse(`devices/${turned}/set`)
  await refuse(`devices/${script}${'A'.repeat(20_000)}/set`)
  await connectClient(running.mqttUrl, { clientId: `${ansi}${image}`, username: image, password: 'x' }).catch(() => {})
  for (const text of ['topic=devices/<img', '\\u202egnp.eci\\u2066', 'topic=devices/<script>', '\\u001b[31mred'])
    await page.getByRole('log').getByText(text).first().waitFor()
  await page.getByRole('log').getByText('topic=devices/<img').first().click()
  await page.getByLabel('Line', { exact: true }).getByText(image).first().waitFor()

  await opened.show('Sessions')
  await page.getByRole('cell', { name: image }).first().waitFor()
  await opened.show('Users')
  await page.getByRole('cell', { name: image }).first().waitFor()
  await page.getByRole('row', { name: image }).getByRole('button', { name: 'Disable' }).click()
  await page.getByText(`Sign ${image} out everywhere`).waitFor()
  await page.keyboard.press('Escape')
  await opened.show('Devices')
  await page.getByRole('cell', { name: image }).first().waitFor()
  await opened.show('Audit trail')
  await page.getByRole('cell', { name: image }).first().waitFor()

  await opened.show('Trace')
  await page.getByLabel('Follow a').selectOption('device')
  await page.getByLabel('Name or id').fill('sensor-1')
  await page.getByRole('button', { name: 'Follow' }).click()
  await page.getByText('Nothing has happened yet.').waitFor()
  await using device = await connectAsDevice(running, sensor)
  const alarm = (text: string) =>
    device.mqtt.publishAsync(topics.event('sensor-1', 'alarm'), JSON.stringify({ text }), { qos: 1 })
  await alarm('B'.repeat(60_000))
  await alarm(`${image}${turned}`)
  await page.getByRole('log').getByText('bytes=60011').first().waitFor()
  await page.getByRole('log').getByText('onerror').first().click()
  await page.getByLabel('Line', { exact: true }).getByText('onerror').first().waitFor()
  expect(((await page.locator('body').textContent()) ?? '').includes('\u202e')).toBe(false)

  expect(await page.evaluate('window.hacked')).toBeUndefined()
  expect(await page.locator('#console img, #console script').count()).toBe(0)
  await owner[Symbol.asyncDispose]()
})

browserTest('the policy of the page lets nothing run that is not its own', async () => {
  await using running = await startApp()
  const answer = await fetch(`${running.httpUrl}/console/`)
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]),
  )
  await using opened = await signedInConsole({ running, complaints: /TrustedScript|TrustedHTML/ })
  const tried = await opened.page.evaluate(`(() => {
    const script = document.createElement('script')
    script.append('window.hacked = 1')
    document.body.append(script)
    const place = document.createElement('div')
    try {
      place.innerHTML = '<b>text</b>'
    } catch (error) {
      return [window.hacked, error instanceof TypeError, place.childNodes.length]
    }
    return [window.hacked, false, place.childNodes.length]
  })()`)
  expect(tried).toEqual([undefined, true, 0])
})
