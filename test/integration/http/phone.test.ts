import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/start-app.ts'

let folder: string
let phoneDir: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-http-'))
  phoneDir = join(folder, 'phone')
  mkdirSync(phoneDir)
  writeFileSync(join(phoneDir, 'index.html'), '<title>phone</title>')
  writeFileSync(join(phoneDir, '.hidden'), 'hidden')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the phone is at /phone/, loads nothing from elsewhere, and is never taken from a cache', async () => {
  await using app = await startApp({ sites: { phone: phoneDir } })
  expect(app.app.sites).toContain('phone')
  const redirected = await fetch(`${app.httpUrl}/phone`, { redirect: 'manual' })
  expect([redirected.status, redirected.headers.get('location')]).toEqual([302, './phone/'])
  const page = await fetch(`${app.httpUrl}/phone/`)
  expect(await page.text()).toBe('<title>phone</title>')
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-security-policy': expect.stringMatching(/^default-src 'self';.*frame-ancestors 'self';/),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  expect((await fetch(`${app.httpUrl}/phone/none.js`)).status).toBe(404)
})

test('production never serves it, whatever folder is there', async () => {
  await using app = await startApp({
    sites: { phone: phoneDir },
    env: { NODE_ENV: 'production', WECHAT_APPID: 'wx1', WECHAT_SECRET: 's', WECHAT_API_BASE: 'https://127.0.0.1:1' },
  })
  expect(app.app.sites).not.toContain('phone')
  for (const path of ['/phone', '/phone/', '/phone/index.html'])
    expect((await fetch(`${app.httpUrl}${path}`, { redirect: 'manual' })).status).toBe(404)
})

test('without a built phone nothing is there', async () => {
  await using app = await startApp({ sites: { phone: join(folder, 'none') } })
  expect((await fetch(`${app.httpUrl}/phone/`)).status).toBe(404)
})

test.each([
  '/phone/../secret.txt',
  '/phone/%2e%2e/secret.txt',
  '/phone/..%2fsecret.txt',
  '/phone/..%5csecret.txt',
  '/phone//../../secret.txt',
  '/phone/%00',
  '/phone/.hidden',
])('%s leads to nothing outside of the folder', async path => {
  await using app = await startApp({ sites: { phone: phoneDir } })
  const answer = await get(app.app.ports.http, path)
  expect(answer).toMatch(/^HTTP\/1\.1 (400|403|404) /)
  expect(answer).not.toMatch(/secret\n?$|hidden\n?$/)
})

/** As it is written: `fetch` would tidy the path up. */
const get = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`),
    )
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
