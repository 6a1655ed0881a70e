import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createHttpAbuses } from '../../support/abuse/http-abuses.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { startApp } from '../../support/start-app.ts'
import { writeFiles } from '../../support/write-files.ts'

const stranger = '127.0.0.9'
const get = (path: string, ...headers: string[]) => [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '\r\n'].join('\r\n')
const forged = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"root","exp":9999999999}').toString('base64url')}.${'A'.repeat(86)}`

test.each([
  ['a page', 5, get('/console/')],
  ['a file of a page', 5, get('/console/app.js')],
  ['the public keys', 10, get('/.well-known/jwks.json')],
  ['a file that WeChat asks for', 10, get('/MP_verify_Ab3.txt')],
  ['what is not there', 10, get('/nothing')],
  ['a page in another protocol', 10, get('/console/', 'Connection: Upgrade', 'Upgrade: h2c')],
  ['metrics with a forged token', 10, get('/metrics', `Authorization: Bearer ${forged}`)],
  ['the shortest request there is', 10, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
])(
  'of %s asked for without end, without waiting for an answer, nobody notices anything',
  async (_, connections, request) => {
    await using files = await writeFiles({ 'index.html': '<title>console</title>', 'app.js': '"x"'.repeat(200_000) })
    await using verification = await writeFiles({ 'MP_verify_Ab3.txt': 'Ab3' })
    await using running = await startApp({
      sites: { console: files.folder },
      env: { LATCHKEY_WECHAT_VERIFICATION_FOLDER: verification.folder },
    })
    await using abuser = await startElsewhere<ReturnType<typeof createHttpAbuses>>(
      new URL('../../support/abuse/http-abuses.ts', import.meta.url),
      'createHttpAbuses',
    )
    await using canary = await startCanary(running)
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = descriptors()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, descriptors() - before)
    }, 50)
    const { http: port } = running.app.ports
    await canary.stayHealthyWhile(() =>
      abuser.call('pipeline', { port, localAddress: stranger, connections, request, forMs: 500 }),
    )
    clearInterval(watch)
    expect(most).toBeLessThan(200)
    expect(running.lines.some(line => line.includes('"too-many-requests"') && line.includes(stranger))).toBe(true)
  },
)

test.each([
  ['the public keys', get('/.well-known/jwks.json')],
  ['metrics with a forged token', get('/metrics', `Authorization: Bearer ${forged}`)],
])('of %s asked for on 900 connections at one moment nobody notices anything', async (_, request) => {
  await using running = await startApp({
    limits: { connectionsPerSecond: 10_000, httpRequestsPerSecond: 300 },
    env: { LATCHKEY_LOG_LEVEL: 'warn' },
  })
  await using abuser = await startElsewhere<ReturnType<typeof createHttpAbuses>>(
    new URL('../../support/abuse/http-abuses.ts', import.meta.url),
    'createHttpAbuses',
  )
  await using canary = await startCanary(running)
  const { http: port } = running.app.ports
  const gather = async (n: number) => {
    for (let part = 0; part < 9; part++) await abuser.call('gather', port, `127.0.1.${n * 9 + part + 1}`, 100)
  }
  await gather(0)
  let n = 0
  await canary.stayHealthyWhile(async () => {
    await abuser.call('askAtOnce', request)
    await gather(++n)
  })
})
