import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import type { RunningApp } from '../../support/start-app.ts'
import { startFixture } from './fixture.ts'

// What WeChat's tags do, tried on a page that has them all: test/support/miniprogram-fixtures/tags.
let running: RunningApp
beforeAll(async () => {
  running = await startFixture()
})
afterAll(() => running[Symbol.asyncDispose]())

/** The events that the page heard, without those of loading. */
const heard = (page: Page): Promise<{ name: string; detail: unknown; dataset: unknown }[]> =>
  page.evaluate(() => {
    const { events } = window.phone.data() as { events: { name: string; detail: unknown; dataset: unknown }[] }
    return events.filter(({ name }) => name !== 'load')
  })
const last = async (page: Page) => (await heard(page)).at(-1)

browserTest('modules see nothing of the browser', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  expect(await phone.page.locator('#browser').textContent()).toBe('hidden')
})

browserTest('a tap is heard once, with its dataset; catch keeps it from the tags around', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.locator('#tap').click()
  await page.locator('#inner').click()
  expect((await heard(page)).map(({ name, dataset }) => [name, dataset])).toEqual([
    ['tap', { item: '7' }],
    ['tap', { item: 'inner' }],
  ])
  await page.locator('#tap').focus()
  await page.keyboard.press('Enter')
  expect(await heard(page)).toHaveLength(3)
})

browserTest('a disabled button hears nothing, and says that it is disabled', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const never = phone.page.getByRole('button', { name: 'never' })
  expect(await never.isDisabled()).toBe(true)
  await never.click({ force: true })
  expect(await heard(phone.page)).toEqual([])
})

browserTest('names for screen readers follow the data', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.getByRole('button', { name: 'First name' }).waitFor()
  await page.getByRole('button', { name: 'rename' }).click()
  await page.getByRole('button', { name: 'Second name' }).waitFor()
  await page.getByRole('img', { name: 'a dot' }).waitFor()
  await expect.poll(() => page.getByRole('progressbar', { name: 'Progress' }).getAttribute('value')).toBe('30')
})

browserTest('a component has its properties, observers, slots, events and styles of its own', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  const title = page.getByText('Card 4')
  await title.click()
  expect(await last(page)).toMatchObject({ name: 'press', detail: { name: 'Card' } })
  await page.locator('card').getByText('in the slot').waitFor()
  expect(await title.evaluate(element => getComputedStyle(element as never).color)).toBe('rgb(1, 2, 3)')
  await expect.poll(async () => (await page.locator('card').boundingBox())?.width).toBe(187.5)
})

browserTest('typing is heard and bound; Enter confirms', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  const typed = page.getByLabel('Typed')
  await typed.fill('abcd')
  expect(await last(page)).toMatchObject({ name: 'input', detail: { value: 'abcd' } })
  await expect.poll(() => page.locator('#echo').textContent()).toBe('abcd')
  await typed.press('Enter')
  expect(await last(page)).toMatchObject({ name: 'confirm', detail: { value: 'abcd' } })
  expect(await typed.getAttribute('maxlength')).toBe('12')
})

browserTest('switch, slider, radio, checkbox, picker and labels change and tell', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  const light = page.getByRole('switch', { name: 'Light' })
  await light.click()
  expect(await last(page)).toMatchObject({ name: 'change', detail: { value: true } })
  await expect.poll(() => light.getAttribute('aria-checked')).toBe('true')
  await page.locator('#switch-label').click({ position: { x: 4, y: 20 } })
  await expect.poll(() => light.getAttribute('aria-checked')).toBe('false')

  const level = page.getByRole('slider', { name: 'Level' })
  expect(await level.getAttribute('max')).toBe('90')
  await level.fill('70')
  expect(await last(page)).toMatchObject({ name: 'change', detail: { value: 70 } })

  await page.getByRole('radio', { name: 'B' }).click()
  expect(await last(page)).toMatchObject({ name: 'change', detail: { value: 'b' } })
  await page.getByRole('checkbox', { name: 'X' }).click()
  expect(await last(page)).toMatchObject({ name: 'change', detail: { value: ['x', 'y'] } })

  await page.getByText('pick a fruit').click()
  await page.getByRole('dialog').getByRole('button', { name: 'pear' }).click()
  expect(await last(page)).toMatchObject({ name: 'change', detail: { value: '1' } })
})

browserTest('a form gives the values of all its controls, and clears them', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.getByRole('button', { name: 'send' }).click()
  expect(await last(page)).toMatchObject({
    name: 'submit',
    detail: { value: { typed: 'abc', long: 'text', on: false, level: 40, one: 'a', some: ['y'], fruit: '0' } },
  })
  await page.getByRole('button', { name: 'clear' }).click()
  expect(await last(page)).toMatchObject({ name: 'reset' })
  await expect.poll(() => page.getByLabel('Typed').inputValue()).toBe('')
})

browserTest('lengths in rpx follow the width of the phone, in styles and inline', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  const width = async (id: string) => (await page.locator(id).boundingBox())?.width
  await expect.poll(async () => [await width('#half'), await width('#inline')]).toEqual([187.5, 75]) // a page that is coming in is measured askew
  await page.setViewportSize({ width: 300, height: 600 })
  await expect.poll(async () => [await width('#half'), await width('#inline')]).toEqual([150, 60])
})

browserTest('dark: styles, bars and theme.json follow the phone, and change while it runs', async () => {
  await using phone = await openPhone({ running, user: 'alice', colorScheme: 'dark' })
  const { page } = phone
  const background = (selector: string) =>
    page.locator(selector).evaluate(element => getComputedStyle(element as never).backgroundColor)
  expect(await background('wx-page')).toBe('rgb(0, 0, 0)')
  expect(await background('wx-navigation')).toBe('rgb(16, 16, 16)')
  await page.evaluate(() => window.phone.setTheme('light'))
  await expect.poll(() => background('wx-page')).toBe('rgb(255, 255, 255)')
  await expect.poll(() => background('wx-navigation')).toBe('rgb(255, 255, 255)')
  await page.emulateMedia({ colorScheme: 'light' })
  // Media queries tell of a change once a frame: back and forth within one is no change.
  await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(() => background('wx-page')).toBe('rgb(0, 0, 0)')
})

/** In what is given to `evaluate`. */
declare function getComputedStyle(element: never): { readonly color: string; readonly backgroundColor: string }
