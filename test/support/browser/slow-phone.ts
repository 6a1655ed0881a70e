import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { CuttableProxy } from '../network/cuttable-proxy.ts'
import { openPhone } from './open-phone.ts'
import { untilInPage } from './until-in-page.ts'

export const roundTripMs = 1800
export const timeout = 240_000

/** A phone whose every question takes 1.8 s to be answered. */
export async function slowPhone(link: CuttableProxy, user: string, path = '') {
  return openPhone({ running: { httpUrl: `http://127.0.0.1:${link.port}` }, user, path })
}

export const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).filter({ visible: true })

/** In the page: the visible element of a role by its name. */
export const named = (role: string, name: string) =>
  `[...document.querySelectorAll('[role=${role}], ${role}')].find(element =>
    element.checkVisibility() && (element.getAttribute('aria-label') || element.textContent).trim() === ${JSON.stringify(name)})`

/** In the page: this text is to be seen. */
export const text = (words: string) =>
  `[...document.querySelectorAll('wx-page *, wx-toast *, wx-modal *')].some(element => element.checkVisibility() && element.textContent.trim() === ${JSON.stringify(words)})`

export const busy = (name: string) => `${named('button', name)}?.getAttribute('aria-busy') === 'true'`

/** How long each tap took to be answered by anything that a person sees. */
const answeredMs: number[] = []

/** After all tests of a file: the median is not to be felt. */
export function tellTaps(): void {
  const sorted = [...answeredMs].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? 0
  console.log(
    `phone: ${sorted.length} taps answered after ${median.toFixed(0)} ms (longest ${sorted.at(-1)?.toFixed(0)})`,
  )
  expect(median).toBeLessThan(100)
}

/** Taps, and waits until the page shows it. Nothing of the broker can be in that: its answer is a round trip away. */
export async function tap(page: Page, what: string, shows: string): Promise<void> {
  const ms = await untilInPage(page, { act: `;(${what}).click()`, look: shows, shown: `document.body.textContent` })
  answeredMs.push(ms)
  expect(ms, what).toBeLessThan(roundTripMs / 2)
}

/** Goes back over the bar, in the page. */
export const goBack = `document.querySelector('[data-back]').click()`
export const isIn = (route: string) => `phone.route() === 'pages/${route}/${route}'`

export const confirm = (page: Page, verb: string) =>
  page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()

/** A page that is opened shows something at once: words, or what stands for them until they are known. */
export async function opens(page: Page, what: string, route: string): Promise<void> {
  const filled = `document.querySelector('wx-page')?.querySelectorAll('view, text, wx-button').length > 2`
  await tap(page, what, `${isIn(route)} && ${filled}`)
}
