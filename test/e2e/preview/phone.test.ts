import { afterAll, beforeAll, expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import type { RunningApp } from '../../support/start-app.ts'
import { startFixture } from './fixture.ts'

let running: RunningApp
beforeAll(async () => {
  running = await startFixture()
})
afterAll(() => running[Symbol.asyncDispose]())

/** What the fixture's app.ts hands to `App`. */
interface App {
  readonly wx: Record<string, (...given: unknown[]) => unknown>
  readonly events: readonly string[]
  readonly serverUrl: string
}

browserTest('the app speaks to the host that served it', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  expect(await phone.page.evaluate(() => window.phone.app<App>().serverUrl)).toBe(running.wsUrl)
})

browserTest('a page opens over another with its query as it was written, and goes back', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.getByRole('link', { name: 'go on' }).click()
  expect(await page.locator('#query').textContent()).toBe('{"a":"1%202","b":"x"}')
  expect(await page.evaluate(() => window.phone.stack())).toEqual(['pages/tags/tags', 'pages/second/second'])
  expect(await page.getByRole('tab').count()).toBe(0)
  await page.getByRole('button', { name: 'Back' }).click()
  await expect.poll(() => phone.route()).toBe('pages/tags/tags')
  await page.getByRole('tab', { name: 'Other' }).click()
  await page.getByText('the other tab').waitFor()
})

browserTest.each([
  ['navigateTo', { url: '/pages/tab/tab' }, 'navigateTo:fail can not navigateTo a tabbar page'],
  ['navigateTo', { url: '/pages/none/none' }, 'navigateTo:fail page "pages/none/none" is not found'],
  ['redirectTo', { url: '/pages/tab/tab' }, 'redirectTo:fail can not redirectTo a tabbar page'],
  ['switchTab', { url: '/pages/second/second' }, 'switchTab:fail can not switch to no-tabBar page'],
  ['navigateBack', {}, 'navigateBack:fail cannot navigate back at first page.'],
  ['scanCode', {}, 'scanCode:fail cancel'],
  ['getStorage', { key: 'none' }, 'getStorage:fail data not found'],
])('wx.%s(%o) fails with WeChat’s words', async (name, options, errMsg) => {
  await using phone = await openPhone({ running, user: 'alice' })
  await phone.scanResult(null)
  const failure = await phone.page.evaluate(
    ([called, given]) => {
      const { wx } = window.phone.app<App>()
      return new Promise(resolve => wx[called]?.({ ...given, success: resolve, fail: resolve }))
    },
    [name, options] as const,
  )
  expect(failure).toEqual({ errMsg })
})

browserTest('ten pages are as deep as it goes', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const results = await phone.page.evaluate(async () => {
    const { wx } = window.phone.app<App>()
    const seen: unknown[] = []
    for (let depth = 2; depth <= 11; depth++) {
      const result = await new Promise<unknown>(resolve =>
        wx.navigateTo?.({ url: '/pages/second/second', complete: resolve }),
      )
      seen.push(result)
    }
    return seen.slice(-2)
  })
  expect(results).toEqual([{ errMsg: 'navigateTo:ok' }, { errMsg: 'navigateTo:fail webview count limit exceed' }])
})

browserTest('an API that is not there is an error that names it', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  await expect(phone.page.evaluate(() => window.phone.app<App>().wx.openBluetoothAdapter)).rejects.toThrow(
    'wx.openBluetoothAdapter is not there in the preview',
  )
})

browserTest('each WeChat user has a storage of its own, and signs in by codes of its own', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.evaluate(() => window.phone.app<App>().wx.setStorageSync?.('k', 'v'))
  const code = () => page.evaluate(() => window.phone.app<App>().wx.login?.() as Promise<{ code: string }>)
  expect((await code()).code).toMatch(/^sandbox:alice:.+$/)
  expect((await code()).code).not.toBe((await code()).code)
  await page.goto(`${running.httpUrl}/phone/app.html?user=bob`)
  const read = () => page.evaluate(() => window.phone.app<App>().wx.getStorageSync?.('k'))
  expect(await read()).toBe('')
  await page.goto(`${running.httpUrl}/phone/app.html?user=alice`)
  expect(await read()).toBe('v')
})

browserTest('five sockets at once; text and ArrayBuffer alone', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const url = running.wsUrl
  const seen = await phone.page.evaluate(async address => {
    const { wx } = window.phone.app<App>()
    type Task = { onOpen(f: () => void): void; send(o: object): void }
    const open = () =>
      new Promise<string | Task>(resolve => {
        const task = wx.connectSocket?.({
          url: address,
          protocols: ['mqtt'],
          fail: ({ errMsg }: { errMsg: string }) => resolve(errMsg),
        }) as Task
        task.onOpen(() => resolve(task))
      })
    const tasks = await Promise.all([open(), open(), open(), open(), open()])
    const sixth = await open()
    const [first] = tasks
    const sent = await new Promise(resolve => {
      if (typeof first === 'object') first.send({ data: new Uint8Array(2), fail: resolve, success: resolve })
    })
    return { sixth, sent, open: window.phone.openSockets() }
  }, url)
  expect(seen).toEqual({
    sixth: 'connectSocket:fail exceed max concurrent connection count',
    sent: { errMsg: 'sendSocketMessage:fail parameter error: parameter.data should be String or ArrayBuffer' },
    open: 5,
  })
})

browserTest('the app hears that it goes to the background and comes back, and time has passed', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const now = () => phone.page.evaluate(() => Date.now())
  const before = await now()
  await phone.background({ forMs: 60_000 })
  await phone.foreground()
  expect((await now()) - before).toBeGreaterThanOrEqual(60_000)
  expect(await phone.page.evaluate(() => window.phone.app<App>().events)).toEqual(['launch', 'show', 'hide', 'show'])
})

browserTest('a page is pulled down, and shared by the button and by the menu', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.evaluate(() => window.phone.pullDown())
  await page.getByRole('button', { name: 'Refreshed' }).waitFor()
  await page.getByRole('button', { name: 'share', exact: true }).click()
  expect(await phone.share()).toEqual({ title: 'by button', path: 'pages/second/second?from=card' })
  expect(await page.evaluate(() => window.phone.share())).toMatchObject({ title: 'by menu' })
  await page.getByRole('link', { name: 'go on' }).click()
  expect(await page.evaluate(() => window.phone.share())).toBeUndefined()
})

browserTest('a shared card opens its page', async () => {
  await using phone = await openPhone({ running, user: 'bob', path: 'pages/second/second?from=card' })
  expect(await phone.page.locator('#query').textContent()).toBe('{"from":"card"}')
})

browserTest('the page around the phone switches its user and does things to it', async () => {
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await page.setViewportSize({ width: 1200, height: 950 })
  await page.goto(`${running.httpUrl}/phone/?user=alice`)
  const screen = page.frameLocator('iframe')
  await screen.getByRole('button', { name: 'First name' }).waitFor()
  await expect.poll(async () => (await screen.locator('#half').boundingBox())?.width).toBe(187.5)
  await page.getByRole('button', { name: 'Pull down' }).click()
  await screen.getByRole('button', { name: 'Refreshed' }).waitFor()
  await screen.getByRole('button', { name: 'share', exact: true }).click()
  await page.getByText('by button').waitFor()
  await page.getByLabel('WeChat user').fill('carol')
  await page.getByRole('button', { name: 'Switch' }).click()
  await page.getByRole('heading', { name: 'carol' }).waitFor()
  await page.setViewportSize({ width: 400, height: 700 })
  await expect.poll(() => page.locator('iframe').boundingBox()).toEqual({ x: 0, y: 0, width: 400, height: 700 })
  await page.getByRole('button', { name: 'Switch' }).waitFor({ state: 'hidden' })
})
