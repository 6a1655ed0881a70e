import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startApp } from '../../support/start-app.ts'

const stranger = '127.0.0.9'
const proxy = '127.0.0.5'

/** Sends all of `text` and answers the status of each response, once one of them is `last` or the connection is closed. */
async function statusesOf(port: number, localAddress: string, text: string, last: string): Promise<string[]> {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress })
  let got = ''
  socket
    .on('error', () => {})
    .on('data', bytes => {
      got += bytes
    })
  socket.write(text)
  const statuses = () => Array.from(got.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = '']) => status)
  await expect.poll(() => statuses().includes(last) || socket.destroyed, { timeout: 5000 }).toBe(true)
  socket.destroy()
  return statuses()
}

test.each([
  ['for a page that is not there', 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['with an Expect that nobody knows', 'GET /nothing HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n'],
  ['with another protocol', 'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
  ['for a path that is none', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n'],
])('a request %s counts like any other', async (_, request) => {
  await using running = await startApp({ limits: { httpRequestsPerSecond: 5 } })
  const statuses = await statusesOf(running.app.ports.http, stranger, request.repeat(20), '429')
  expect(statuses.at(-1)).toBe('429')
})

test('behind a proxy an upgrade that is refused counts as a request of its client', async () => {
  await using running = await startApp({
    limits: { httpRequestsPerSecond: 5 },
    env: { LATCHKEY_TRUSTED_PROXIES: proxy },
  })
  const upgrade =
    'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n'
  const asked = Array.from({ length: 20 }, () => statusesOf(running.app.ports.http, proxy, upgrade, '404'))
  expect((await Promise.all(asked)).flat()).toContain('429')
})
