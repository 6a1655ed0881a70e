import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type RunningApp, startApp } from '../../support/start-app.ts'

/** What curl --http2 and Java's HttpClient send at first. */
const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA']
const ask = (path: string, headers: readonly string[] = h2c, method = 'GET') =>
  [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '\r\n'].join('\r\n')

/** A connection, and the statuses that came over it. */
function open({ app }: RunningApp) {
  const socket = connect({ port: app.ports.http, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let got = ''
  socket
    .on('error', () => {})
    .on('data', bytes => {
      got += bytes
    })
  return {
    socket,
    statuses: () => Array.from(got.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = '']) => status),
    text: () => got,
  }
}

test('a page that is requested with an upgrade to another protocol is answered without it, and the connection goes on', async () => {
  await using running = await startApp()
  const { socket, statuses, text } = open(running)
  socket.write(ask('/.well-known/jwks.json'))
  await expect.poll(statuses).toEqual(['200'])
  expect(text()).toMatch(/"keys":\[/)
  socket.write(ask('/nothing'))
  await expect.poll(statuses).toEqual(['200', '404'])
  socket.write(ask('/mqtt') + ask('/healthz', ['Connection: close']))
  await expect.poll(statuses).toEqual(['200', '404', '426', '200'])
})

test('its body is its body, however it comes', async () => {
  await using running = await startApp()
  const { socket, statuses } = open(running)
  const body = ask('/healthz', [])
  const headers = ['Content-Type: text/plain', `Content-Length: ${body.length}`]
  socket.write(ask('/nothing', [...h2c, ...headers], 'POST') + body + ask('/healthz', []))
  await expect.poll(statuses).toHaveLength(2)
  socket.write(ask('/healthz', ['Connection: close']))
  await expect.poll(statuses).toHaveLength(3)
  expect(statuses().slice(1)).toEqual(['200', '200'])
})

test('hundreds of them on one connection are answered, and leave nothing behind on it', async () => {
  await using running = await startApp()
  const warnings: string[] = []
  const warned = ({ name }: Error) => void warnings.push(name)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const { socket, statuses } = open(running)
  for (let i = 1; i <= 200; i++) {
    socket.write(ask('/nothing'))
    await expect.poll(() => statuses().length, { interval: 1 }).toBe(i)
  }
  expect(warnings).not.toContain('MaxListenersExceededWarning')
})
