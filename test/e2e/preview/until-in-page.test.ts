import { expect } from 'vitest'
import { browserTest, sharedBrowser, watchComplaints } from '../../support/browser/shared-browser.ts'
import { untilInPage } from '../../support/browser/until-in-page.ts'

const look = `document.querySelector('p')?.textContent === 'two'`
const shown = `document.querySelector('p')?.textContent`

browserTest('what is waited for in a page may be gone for a moment, and nothing waits there afterwards', async () => {
  const browser = await sharedBrowser()
  const page = await browser.newPage()
  const noComplaints = watchComplaints(page)
  await page.setContent('<p>one</p>')
  await page.clock.install()
  const act = `
    const p = document.querySelector('p')
    queueMicrotask(() => p.remove())
    requestAnimationFrame(() => { p.textContent = 'two'; document.body.append(p) })`
  const waited = untilInPage(page, { act, look, shown })
  await page.clock.runFor(100)
  expect(await waited).toBeGreaterThan(0)
  await page.setContent('nothing of it')
  await page.clock.runFor(120_000)
  noComplaints()

  const never = expect(untilInPage(page, { act: '', look, shown })).rejects.toThrow('there is still undefined')
  await page.clock.runFor(60_000)
  await never
  await page.close()
})
