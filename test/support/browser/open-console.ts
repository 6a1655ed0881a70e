import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { RunningApp } from '../start-app.ts'
import { sharedBrowser, watchComplaints } from './shared-browser.ts'

/** The console in Chromium, as an operator has it open. */
export interface OpenConsole extends AsyncDisposable {
  readonly page: Page
  /** Goes to a page by its name in the navigation. */
  show(name: string): Promise<void>
}

interface Options {
  readonly running: Pick<RunningApp, 'httpUrl'>
  /** Where the browser finds it, when not at its own address. */
  readonly url?: string
  readonly locale?: 'en' | 'zh-CN'
  readonly colorScheme?: 'light' | 'dark'
  /** What the browser may say of errors and warnings; anything else fails the test when the console is closed. */
  readonly complaints?: RegExp
}

/** What operators of the tests type. */
export const operatorPassword = 'correct horse'

/** Makes an operator's account. */
export async function addOperator({ admin }: RunningApp, username = 'root'): Promise<void> {
  const added = await admin.administration.addAccount({ username, password: operatorPassword, role: 'operator' })
  if (typeof added === 'string') throw new Error(added)
}

/** Opens the console's page, which nobody is signed in to. */
export async function openConsole(options: Options): Promise<OpenConsole> {
  const { running, url = running.httpUrl, locale = 'en', colorScheme = 'light', complaints: allowed } = options
  const browser = await sharedBrowser()
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 }, locale, colorScheme })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const noComplaints = watchComplaints(page, allowed)
  await page.goto(`${url}/console/`)
  return {
    page,
    async show(name) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      noComplaints()
    },
  }
}

/** The console of `root`, who is signed in. */
export async function signedInConsole(options: Options & { readonly running: RunningApp }): Promise<OpenConsole> {
  const { running, locale } = options
  await addOperator(running)
  const opened = await openConsole(options)
  await signIn(opened.page, 'root', operatorPassword, locale)
  await opened.page.getByRole('navigation').waitFor()
  return opened
}

export async function signIn(page: Page, username: string, password: string, locale = 'en'): Promise<void> {
  const isChinese = locale === 'zh-CN'
  await page.getByLabel(isChinese ? '用户名' : 'User name').fill(username)
  await page.getByLabel(isChinese ? '密码' : 'Password').fill(password)
  await page.getByRole('button', { name: isChinese ? '登录' : 'Sign in', exact: true }).click()
}

/** Does `act` again and again until the log of the page shows `text`: while a page is subscribing it misses what happens. */
export async function untilLogged(page: Page, text: string, act: () => Promise<unknown>): Promise<void> {
  const shown = async () => {
    await act()
    return page.getByRole('log').getByText(text).count()
  }
  await expect.poll(shown, { interval: 200 }).toBeGreaterThan(0)
}
