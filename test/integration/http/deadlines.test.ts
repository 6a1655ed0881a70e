import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startSlowLink } from '../../support/network/slow-link.ts'
import { startApp } from '../../support/start-app.ts'
import { upgradeRequest } from '../../support/upgrade-request.ts'
import { writeFiles } from '../../support/write-files.ts'

/** Sends the beginning at once and then a byte twice a second, for as long as it may; until the connection is closed: milliseconds, and what was answered. */
async function trickle(port: number, begin: string): Promise<{ ms: number; statuses: string[] }> {
  const startedAt = performance.now()
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  let got = ''
  socket
    .on('error', () => {})
    .on('data', bytes => {
      got += bytes
    })
  socket.write(begin)
  const more = setInterval(() => socket.writable && socket.write('x'), 500)
  await once(socket, 'close')
  clearInterval(more)
  const statuses = Array.from(got.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = '']) => status)
  return { ms: performance.now() - startedAt, statuses }
}

test.concurrent('who reads nothing of an answer for half a minute does not get the rest of it', async () => {
  const wholeBytes = 30_000_000
  await using site = await writeFiles({ 'index.html': 'x'.repeat(wholeBytes) })
  await using running = await startApp({ sites: { console: site.folder } })
  const socket = connect({ port: running.app.ports.http, host: '127.0.0.1' }).pause()
  socket.on('error', () => {})
  socket.write('GET /console/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await setTimeout(45_000) // what a socket that is not read has come to is not to be seen
  socket.resume()
  await once(socket, 'close')
  expect(socket.bytesRead).toBeLessThan(wholeBytes)
}, 120_000)

test.concurrent('a page that takes longer than that over a slow link arrives whole, for it moves all the time', async () => {
  const wholeBytes = 1_000_000
  await using site = await writeFiles({ 'index.html': 'x'.repeat(wholeBytes) })
  await using running = await startApp({ sites: { console: site.folder } })
  await using link = await startSlowLink(running.app.ports.http, { bytesPerSecond: 25_000 })
  const startedAt = performance.now()
  const page = await fetch(`http://127.0.0.1:${link.port}/console/`)
  expect(await page.text()).toHaveLength(wholeBytes)
  expect(performance.now() - startedAt).toBeGreaterThan(35_000)
}, 120_000)

test.concurrent.each([
  ['a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ', ['408']],
  ['a request line', 'GET /', ['408']],
  [
    'a body',
    'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    ['408'],
  ],
  [
    'a body of who has its answer',
    'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx',
    ['200', '408'],
  ],
  ['a header of another protocol', 'GET /healthz HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Long: ', ['408']],
  [
    'a body of another protocol',
    'POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    ['408'],
  ],
] as const)('%s that trickles in is waited for ten seconds, and no longer', async (_, begin, statuses) => {
  await using running = await startApp()
  const trickled = await trickle(running.app.ports.http, begin)
  expect(trickled.ms).toBeLessThan(15_000)
  expect(trickled.statuses).toEqual(statuses)
})

test('requests sent at once are answered in order, however their bytes are cut', async () => {
  await using running = await startApp()
  const socket = connect({ port: running.app.ports.http, host: '127.0.0.1' }).setNoDelay(true)
  let got = ''
  socket.on('data', bytes => {
    got += bytes
  })
  const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'y'.repeat(900)}\r\n\r\n`
  socket.write(ask('/healthz') + ask('/nothing') + ask('/healthz').slice(0, 700))
  socket.write(ask('/healthz').slice(700))
  await expect.poll(() => got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200'])
  socket.end()
  await once(socket, 'close')
})

test('a WebSocket that is asked for before the request in front of it is answered gets the connection closed', async () => {
  await using running = await startApp()
  const socket = connect({ port: running.app.ports.http, host: '127.0.0.1' })
  let got = ''
  socket.on('data', bytes => {
    got += bytes
  })
  socket.write(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${upgradeRequest()}`)
  await once(socket, 'close')
  expect(got).not.toContain('101 Switching')
})

test('a WebSocket whose first packet comes with its request gets it', async () => {
  await using running = await startApp()
  const socket = connect({ port: running.app.ports.http, host: '127.0.0.1' })
  const connectFrame = Buffer.concat([
    Buffer.of(0x82, 0x80 | 15, 0, 0, 0, 0),
    Buffer.from('100d00044d5154540402001e000161', 'hex'),
  ])
  const upgrade = upgradeRequest(`X-Long: ${'y'.repeat(2000)}`)
  socket.write(Buffer.concat([Buffer.from(upgrade), connectFrame]))
  const received: Buffer[] = []
  socket.on('data', bytes => received.push(bytes))
  await expect.poll(() => Buffer.concat(received).includes(Buffer.from('8204200200', 'hex'))).toBe(true)
  socket.destroy()
})

test.each([
  ['of a length that is told', 'Content-Length: 2', '{}'],
  ['in chunks', 'Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'],
])('a body %s that comes behind its headers is waited for and read', async (_, header, body) => {
  await using running = await startApp()
  const socket = connect({ port: running.app.ports.http, host: '127.0.0.1' }).setNoDelay(true)
  let got = ''
  socket.on('data', bytes => {
    got += bytes
  })
  socket.write(
    `POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n${header}\r\n\r\n`,
  )
  await expect.poll(() => got).toContain('100 Continue')
  socket.write(body)
  await expect.poll(() => got, { timeout: 5000 }).toContain('HTTP/1.1 404')
  socket.destroy()
})
